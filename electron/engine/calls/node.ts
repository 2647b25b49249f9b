import { writeBackup } from '../install/backup.ts';
import { copyAside } from '../install/copy-aside.ts';
import { readStatus } from '../status/status.ts';
import { wholePath } from '../tree/whole-path.ts';
import { readCertificates } from './certificates.ts';
import type { CallContext, HandlersOf } from './context.ts';
import { runChecks } from './doctor.ts';

export function nodeHandlers(context: CallContext): HandlersOf<'node'> {
  const { node, master, mirror, sources } = context;
  return {
    'node.status': () => readStatus(sources()),

    'node.doctor': async ({ peer }) => ({ findings: await runChecks(context, peer) }),

    'node.certificates': () => readCertificates(context),

    'node.backup': async ({ file: given }) => {
      const file = wholePath(given);
      return { file, ...(await writeBackup(node.dataDir, file, copyAside)) };
    },

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
