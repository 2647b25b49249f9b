/** What is wrong with a pattern for paths of a site, in words that follow its name; undefined: nothing. Expects no leading `/`. */
export function globProblem(glob: string): string | undefined {
  if (glob === '') return 'it is empty';
  if (!glob.isWellFormed() || CONTROL.test(glob)) return 'it holds characters that no path has';
  if (glob.endsWith('/')) return `“${glob}” ends with “/”: write “${glob}**” for all that is below`;
  const segments = glob.split('/');
  if (segments.includes('')) return 'it has “/” twice in a row';
  if (segments.includes('..') || segments.includes('.')) return 'a path of a site has no “.” and “..” in it';
  const unclosed = unclosedBracket(glob);
  return unclosed === undefined
    ? undefined
    : `its “${unclosed}” is not closed (“\\${unclosed}” is the character itself)`;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is there to find
const CONTROL = /[\u0000-\u001f\u007f]/;

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')' };

/** The innermost bracket that opens and never closes. */
function unclosedBracket(glob: string): string | undefined {
  const open: string[] = [];
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '[') {
      // A `]` that stands first belongs to the set.
      const first = at + (/^\[[!^]/.test(glob.slice(at)) ? 2 : 1);
      const end = glob.indexOf(']', first + 1);
      if (end < 0) return '[';
      at = end;
    } else if (CLOSING[character] !== undefined) open.push(character);
    else if (CLOSING[open.at(-1) ?? ''] === character) open.pop();
  }
  return open.at(-1);
}
