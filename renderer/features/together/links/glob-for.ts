const PATTERN = /[*?[{\\]/;
const SPECIAL = /[()!+@|,}\]]/g;

/** The glob for what a person typed to find paths: a pattern as it is, other text anywhere in a path; undefined: everything. */
export function globFor(typed: string): string | undefined {
  const text = typed.trim().replace(/^\/+/, '');
  if (text === '' || PATTERN.test(text)) return text === '' ? undefined : text;
  const literal = text.replace(SPECIAL, '\\$&');
  // `*` stays within a segment: before, behind, and with anything below.
  const [before, behind] = [literal.startsWith('/') ? '' : '*', literal.endsWith('/') ? '**' : '*'];
  const here = `${before}${literal}${behind}`;
  return `{${here},**/${here},${here}/**,**/${here}/**}`;
}
