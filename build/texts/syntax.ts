/** A syntax tree as it is gone through here: kinds of nodes by their `type`, whatever else they hold by its name. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string';
}

/** The node under a name; undefined: there is none. */
export function child(node: Syntax, name: string): Syntax | undefined {
  const value: unknown = Reflect.get(node, name);
  return isSyntax(value) ? value : undefined;
}

export function children(node: Syntax, name: string): Syntax[] {
  const value: unknown = Reflect.get(node, name);
  return Array.isArray(value) ? value.filter(isSyntax) : [];
}

export function stringOf(node: Syntax, name: string): string | undefined {
  const value: unknown = Reflect.get(node, name);
  return typeof value === 'string' ? value : undefined;
}

/** Calls `visit` with each node and the one above it, from the top; `false` leaves out what is below. */
export function walk(
  node: Syntax,
  visit: (node: Syntax, above: Syntax | undefined) => boolean | void,
  above?: Syntax,
): void {
  if (visit(node, above) === false) return;
  for (const value of Object.values(node)) {
    if (isSyntax(value)) walk(value, visit, node);
    else if (Array.isArray(value)) for (const each of value) if (isSyntax(each)) walk(each, visit, node);
  }
}
