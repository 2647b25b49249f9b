import { readStatus } from '../status/status.ts';
import type { CallContext, HandlersOf } from './context.ts';
import { runChecks } from './doctor.ts';

export function nodeHandlers(context: CallContext): HandlersOf<'node'> {
  const { node, master, mirror, sources } = context;
  return {
    'node.status': () => readStatus(sources()),

    'node.doctor': async ({ peer }) => ({ findings: await runChecks(context, peer) }),

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
