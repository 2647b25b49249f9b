import { nextIndex } from '../../ui/use-long-list.ts';
import type { Line } from './tree-model.ts';
import { parentOf } from './tree-model.ts';

/** What a key means on a line of the tree. */
export type Move =
  | { readonly do: 'go'; readonly to: number }
  | { readonly do: 'open' | 'shut'; readonly path: string }
  | { readonly do: 'show'; readonly path: string };

/** `at`: the cursor, -1 before there is one; `page`: lines that fit. Undefined: the key means nothing here. */
export function moveOf(key: string, lines: readonly Line[], at: number, page: number): Move | undefined {
  const to = nextIndex(key, at, lines.length - 1, page);
  if (to !== undefined) return { do: 'go', to };
  const line = lines[at];
  const row = line?.is === 'row' ? line : undefined;
  switch (key) {
    case 'ArrowRight':
      if (row?.isOpen === false) return { do: 'open', path: row.row.path };
      return row?.isOpen === true ? { do: 'go', to: Math.min(lines.length - 1, at + 1) } : undefined;
    case 'ArrowLeft': {
      if (row?.isOpen === true) return { do: 'shut', path: row.row.path };
      const above = row && lines.findIndex((each) => each.is === 'row' && each.row.path === parentOf(row.row.path));
      return above === undefined || above < 0 ? undefined : { do: 'go', to: above };
    }
    case 'Enter':
    case ' ':
      if (!row) return undefined;
      if (row.isOpen === undefined) return { do: 'show', path: row.row.path };
      return { do: row.isOpen ? 'shut' : 'open', path: row.row.path };
    default:
      return undefined;
  }
}

/** The next line, from `at` on and around, whose name begins with what was typed. */
export function typedAhead(typed: string, lines: readonly Line[], at: number): number | undefined {
  const wanted = typed.toLowerCase();
  // The same letter again: the next one that begins with it.
  const start = typed.length === 1 ? at + 1 : Math.max(0, at);
  for (let step = 0; step < lines.length; step += 1) {
    const index = (start + step) % lines.length;
    const line = lines[index];
    if (line?.is === 'row' && nameOf(line.row.path).toLowerCase().startsWith(wanted)) return index;
  }
  return undefined;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
