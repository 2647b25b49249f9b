import { readStatus } from '../status.ts';
import type { CallContext, HandlersOf } from './context.ts';

export function nodeHandlers({ node, master, mirror, sources }: CallContext): HandlersOf<'node'> {
  return {
    'node.status': () => readStatus(sources()),

    'node.pause': () => {
      master?.pause(undefined);
      mirror?.pause(undefined);
      return { pausedAt: node.pauses.since({ what: 'all' }) ?? node.now() };
    },

    'node.resume': () => {
      master?.resume(undefined);
      mirror?.resume(undefined);
      return {};
    },
  };
}
