import type { Issue } from '../errors/problems.ts';
import { isCostly } from './wildcards.ts';

/** `text`: what of the pattern it is about. */
export interface GlobProblem {
  readonly issue: Issue;
  readonly text?: string;
}

/** What is wrong with a pattern for paths of a site; undefined: nothing. Expects no leading `/`. */
export function globProblem(glob: string): GlobProblem | undefined {
  if (glob === '') return { issue: 'glob-empty' };
  if (!glob.isWellFormed() || CONTROL.test(glob)) return { issue: 'glob-characters' };
  if (glob.endsWith('/')) return { issue: 'glob-slash-end', text: glob };
  const segments = glob.split('/');
  if (segments.includes('')) return { issue: 'glob-slash-twice' };
  if (segments.includes('..') || segments.includes('.')) return { issue: 'glob-dots' };
  const unclosed = unclosedBracket(glob);
  if (unclosed !== undefined) return { issue: 'glob-unclosed', text: unclosed };
  return isCostly(glob) ? { issue: 'glob-costly' } : undefined;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is there to find
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

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
