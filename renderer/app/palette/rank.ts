import type { Command } from './command.ts';
import { type Match, matchName } from './match.ts';

export interface Found {
  readonly command: Command;
  readonly marks: readonly number[];
}

/** Lines that are shown: more are scrolled through by nobody. */
const SHOWN_MAX = 50;

/**
 * What fits, the best first; of what fits alike what was used last, then in the order given. Where nothing was typed: what was used
 * last, then all the rest.
 */
export function rank(commands: readonly Command[], typed: string, recent: readonly string[]): Found[] {
  const age = (id: string): number => {
    const at = recent.indexOf(id);
    return at < 0 ? recent.length : at;
  };
  return commands
    .flatMap((command, order) => {
      const match = matchOf(command, typed);
      return match ? [{ command, match, order }] : [];
    })
    .sort(
      (one, other) =>
        one.match.cost - other.match.cost || age(one.command.id) - age(other.command.id) || one.order - other.order,
    )
    .slice(0, SHOWN_MAX)
    .map(({ command, match }) => ({ command, marks: match.marks }));
}

function matchOf({ name, otherName }: Command, typed: string): Match | undefined {
  const own = matchName(name, typed);
  if (own || otherName === undefined) return own;
  const other = matchName(otherName, typed);
  // What is shown has no letters to mark.
  return other && { cost: other.cost + 1, marks: [] };
}
