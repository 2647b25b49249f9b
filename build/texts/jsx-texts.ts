import { child, children, stringOf, type Syntax, walk } from './syntax.ts';

/** What a person reads or hears of an element. */
const spoken = new Set([
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
  'alt',
  'label',
  'placeholder',
  'title',
]);

/** What stands in these is to be typed as it is, in every language. */
const verbatim = new Set(['code', 'pre', 'kbd']);

const WORD = /\p{L}{2}/u;
/** An example of a name or pattern, which is no language: `css/**`. */
const EXAMPLE = /^[\w./*{},\\\n:@-]+$/;

/** Texts that stand in components, each with its line: they belong into the catalogues. */
export function jsxTexts(program: Syntax, source: string): string[] {
  const found: string[] = [];
  const note = (node: Syntax, text: string): void => {
    const line = source.slice(0, node.start).split('\n').length;
    found.push(`${line}: “${text.trim().slice(0, 60)}” belongs into the catalogues of renderer/i18n`);
  };
  walk(program, (node) => {
    switch (node.type) {
      case 'JSXElement':
      case 'JSXFragment':
        if (verbatim.has(tagOf(node))) return false;
        for (const part of children(node, 'children').filter(({ type }) => type === 'JSXExpressionContainer'))
          for (const text of textsIn(part)) if (WORD.test(text)) note(part, text);
        return true;
      case 'JSXText': {
        const text = stringOf(node, 'value') ?? '';
        if (WORD.test(text)) note(node, text);
        return false;
      }
      case 'JSXAttribute': {
        const value = child(node, 'value');
        if (!spoken.has(attributeOf(node)) || !value) return true;
        const isExample = (text: string): boolean => attributeOf(node) === 'placeholder' && EXAMPLE.test(text);
        for (const text of textsIn(value)) if (WORD.test(text) && !isExample(text)) note(node, text);
        return true;
      }
      default:
        return true;
    }
  });
  return found;
}

/** Texts that an expression gives as they are, or in one of its cases. */
function textsIn(node: Syntax): string[] {
  switch (node.type) {
    case 'Literal': {
      const text = stringOf(node, 'value');
      return text === undefined ? [] : [text];
    }
    case 'TemplateLiteral':
      return children(node, 'quasis').map((quasi) => {
        const value: unknown = Reflect.get(quasi, 'value');
        return typeof value === 'object' && value !== null ? String(Reflect.get(value, 'raw')) : '';
      });
    case 'JSXExpressionContainer':
      return textsOf(child(node, 'expression'));
    case 'ConditionalExpression':
      return [...textsOf(child(node, 'consequent')), ...textsOf(child(node, 'alternate'))];
    case 'LogicalExpression':
      return [...textsOf(child(node, 'left')), ...textsOf(child(node, 'right'))];
    default:
      return [];
  }
}

function textsOf(node: Syntax | undefined): string[] {
  return node ? textsIn(node) : [];
}

function tagOf(node: Syntax): string {
  const name = child(child(node, 'openingElement') ?? node, 'name');
  return (name && stringOf(name, 'name')) ?? '';
}

function attributeOf(node: Syntax): string {
  const name = child(node, 'name');
  return (name && stringOf(name, 'name')) ?? '';
}
