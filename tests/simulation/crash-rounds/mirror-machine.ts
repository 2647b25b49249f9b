import { mkdir } from 'node:fs/promises';
import { pino } from 'pino';
import type { LinkSession } from '../../../electron/engine/link/link-session.ts';
import { MirrorSite } from '../../../electron/engine/mirror/mirror-site.ts';
import { openStore } from '../../../electron/engine/store/open.ts';
import { syncFolder } from '../../../electron/engine/tree/sync-file.ts';
import { SiteRoot } from '../../../electron/engine/tree/site-root.ts';
import type { LinkMessage } from '../../../shared/contract/link.ts';
import { MASTER } from './peers.ts';

export type MirrorMachine = Awaited<ReturnType<typeof startMirror>>;

/** A mirror of `www`, all below `prefix`, as after a start of its machine. */
export async function startMirror(prefix: string, log: (line: string) => void, onBug: (error: unknown) => void) {
  const tree = `${prefix}/site`;
  // Somebody made the folder long ago.
  await mkdir(tree, { recursive: true });
  await syncFolder(prefix);
  const store = await openStore(`${prefix}/lockstep.db`);
  const site = new MirrorSite({
    follow: {
      site: 'www',
      master: MASTER.id,
      root: tree,
      exclude: [],
      transport: 'plain',
      connections: 3,
      deleteGuard: 1,
      drift: 'restore',
      versions: { days: 30, count: 1000, bytes: 2 ** 30 },
      multicast: false,
    },
    root: await SiteRoot.open(tree, true),
    store,
    clock: { now: () => Date.now() },
    logger: pino({ level: 'warn' }, { write: log }),
    onBug,
    onChange: () => undefined,
  });
  await site.start();
  return {
    site,
    store,
    /** The end of a link. `received`: what the master was told is durable. */
    link(session: LinkSession) {
      const { state } = site;
      session.send({
        type: 'hello',
        protocol: 1,
        node: { name: 'mirror', role: 'mirror', version: 'test' },
        now: Date.now(),
        sites: [
          {
            site: 'www',
            journal: site.journal,
            seq: state.cursor,
            ...(state.term !== null && { term: state.term }),
            publishedSeq: state.publishedSeq(),
            conditions: site.conditions.told,
            filtered: false,
          },
        ],
      });
      site.opened(session);
      site.fetchFrom({ host: '127.0.0.1', port: 21, user: 'mirror', password: 'x', certificate: null });
      return {
        onMessage: (message: LinkMessage) => {
          if (message.type === 'conditions') site.setConditions({ asked: message.conditions });
          else site.receive(session, message);
        },
        onClose: () => site.closed(session),
      };
    },
    async stop() {
      await site.stop();
      store.close();
    },
  };
}
