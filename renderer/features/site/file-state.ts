import type { FileState } from '../../../shared/contract/site-tree.ts';
import type { State } from '../../stores/peer-state.ts';

/** The colour and shape that a file's state has in common with that of mirrors; undefined: it is for nobody. */
export function markOf(state: FileState): State | undefined {
  switch (state) {
    case 'published':
      return 'in-step';
    case 'on-its-way':
      return 'working';
    case 'not-wanted':
      return undefined;
    case 'failing':
    case 'held':
    case 'away':
    case 'waiting':
    case 'unknown':
    case 'given-up':
      return state;
  }
}
