import { child, children, stringOf, type Syntax, walk } from './syntax.ts';

type Path = readonly string[];
interface Tree {
  readonly [key: string]: unknown;
}

/** Of a part that is chosen while the program runs: `t.state[state]`. */
const ANY = '*';

export interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

export function leavesOf(tree: object, path: Path = []): Leaf[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]): Leaf[] =>
    typeof value === 'object' && value !== null ? leavesOf(value, [...path, key]) : [{ path: [...path, key], value }],
  );
}

/**
 * Which texts of the catalogue programs use. The catalogue is what is called `t`, what `catalogues[…]` gives and what has the
 * type `Messages`; a name for a part of it (`const words = t.together.groups`) is followed. A part that is handed on, or
 * chosen from by a value, is used as a whole.
 */
export class TextUses {
  readonly #catalogue: object;
  readonly #used: Path[] = [];

  constructor(catalogue: object) {
    this.#catalogue = catalogue;
  }

  read(program: Syntax): void {
    const names = new Map<string, Path[]>([['t', [[]]]]);
    let news = false;
    // One name may stand for different parts in different components: for each of them.
    const bind = (name: string, path: Path): void => {
      const known = names.get(name) ?? [];
      if (known.some((each) => each.join('.') === path.join('.'))) return;
      names.set(name, [...known, path]);
      news = true;
    };
    // A name may be used above the line that makes it: all of them are known before anything is looked up.
    do {
      news = false;
      walk(program, (node) => {
        if (node.type === 'VariableDeclarator') this.#declare(node, names, bind);
        const type = child(node, 'typeAnnotation');
        const name = stringOf(node, 'name');
        const path = type && typePath(type);
        if (node.type === 'Identifier' && name !== undefined && path) bind(name, path);
      });
    } while (news);
    walk(program, (node, above) => {
      // A text that is given a name is used where the name is.
      if (node.type === 'VariableDeclarator' && !children(child(node, 'id') ?? node, 'properties').some(isRest)) {
        const init = child(node, 'init');
        if (init && this.#resolve(init, names).some((path) => this.#isTree(path))) return false;
      }
      // What a longer chain holds is not used as a whole.
      if (above?.type === 'MemberExpression' && child(above, 'object') === node) return undefined;
      const paths = node.type === 'MemberExpression' || node.type === 'Identifier' ? this.#resolve(node, names) : [];
      if (paths.length > 0 && !isName(node, above)) this.#used.push(...paths);
      return undefined;
    });
  }

  isUsed(path: Path): boolean {
    return this.#used.some(
      (used) =>
        used.length > 0 && used.length <= path.length && used.every((part, at) => part === ANY || part === path[at]),
    );
  }

  #declare(node: Syntax, names: ReadonlyMap<string, Path[]>, bind: (name: string, path: Path) => void): void {
    const [id, init] = [child(node, 'id'), child(node, 'init')];
    if (!id || !init) return;
    for (const path of this.#resolve(init, names)) {
      const name = stringOf(id, 'name');
      if (id.type === 'Identifier' && name !== undefined) bind(name, path);
      for (const property of id.type === 'ObjectPattern' ? children(id, 'properties') : []) {
        const [key, value] = [child(property, 'key'), child(property, 'value')];
        const part = key && stringOf(key, 'name');
        const own = value && stringOf(value, 'name');
        if (part !== undefined && own !== undefined) bind(own, [...path, part]);
      }
    }
  }

  /** The parts of the catalogue that an expression may be. */
  #resolve(node: Syntax, names: ReadonlyMap<string, Path[]>): Path[] {
    if (node.type === 'ChainExpression') return this.#resolve(child(node, 'expression') ?? node, names);
    if (node.type === 'Identifier') return names.get(stringOf(node, 'name') ?? '') ?? [];
    if (node.type !== 'MemberExpression') return [];
    const [object, property] = [child(node, 'object'), child(node, 'property')];
    if (!object || !property) return [];
    if (object.type === 'Identifier' && stringOf(object, 'name') === 'catalogues') return [[]];
    const isComputed: unknown = Reflect.get(node, 'computed');
    const part = isComputed === true ? (stringOf(property, 'value') ?? ANY) : (stringOf(property, 'name') ?? ANY);
    return this.#resolve(object, names)
      .map((path) => [...path, part])
      .filter((path) => this.#has(path));
  }

  #has(path: Path): boolean {
    return valuesAt(this.#catalogue, path).length > 0;
  }

  #isTree(path: Path): boolean {
    return valuesAt(this.#catalogue, path).some((value) => typeof value === 'object');
  }
}

function valuesAt(tree: unknown, [part, ...rest]: Path): unknown[] {
  if (part === undefined) return [tree];
  if (typeof tree !== 'object' || tree === null) return [];
  const values: unknown[] = part === ANY ? Object.values(tree) : [(tree as Tree)[part]];
  return values.filter((value) => value !== undefined).flatMap((value) => valuesAt(value, rest));
}

function isRest({ type }: Syntax): boolean {
  return type === 'RestElement';
}

/** Not a use: the name of a property, of something declared, or of a parameter. */
function isName(node: Syntax, above: Syntax | undefined): boolean {
  if (node.type !== 'Identifier' || !above) return false;
  if (above.type === 'VariableDeclarator') return child(above, 'id') === node;
  if (child(node, 'typeAnnotation')) return true;
  if (above.type === 'MemberExpression') return child(above, 'property') === node;
  return child(above, 'key') === node && child(above, 'value') !== node;
}

/** `Messages['history']['screen']` */
function typePath(type: Syntax): Path | undefined {
  if (type.type === 'TSTypeAnnotation') return typePath(child(type, 'typeAnnotation') ?? type);
  if (type.type === 'TSTypeReference')
    return stringOf(child(type, 'typeName') ?? type, 'name') === 'Messages' ? [] : undefined;
  if (type.type !== 'TSIndexedAccessType') return undefined;
  const literal = child(child(type, 'indexType') ?? type, 'literal');
  const object = child(type, 'objectType');
  const path = object && typePath(object);
  const part = literal && stringOf(literal, 'value');
  return path && part !== undefined ? [...path, part] : undefined;
}
