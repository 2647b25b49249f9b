import { join } from 'node:path';
import { LINK_UNDERSTOOD, type LinkMessage, linkMessage } from '../../shared/contract/link.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { hashRoutes } from '../../electron/engine/master/notifier/feed.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { startMaster } from '../support/master-and-mirror.ts';

/**
 * What one change costs a master of very many mirrors: its real journal, notifier and records, with links in memory, so without
 * sockets and TLS. A mirror here is no more than its answers: it has received each change, fetched it and published it.
 */
export async function costInMemory(folder: string, mirrors: number, changes: number): Promise<number> {
  const master = await startMaster(join(folder, `memory-${mirrors}`));
  try {
    for (let at = 0; at < mirrors; at += 1) link(master, at);
    await turns();
    const before = process.cpuUsage();
    for (let change = 0; change < changes; change += 1) {
      await master.put(`f${change}`, `content ${change}`);
      await turns();
    }
    master.deliveries.flush();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / changes;
  } finally {
    await master.stop();
  }
}

function link(master: Awaited<ReturnType<typeof startMaster>>, at: number): void {
  const id = at.toString(16).padStart(64, '0');
  const peer: Peer = { id, name: `m${at}`, role: 'mirror', certificate: '', address: null, dial: 'them' };
  new PeerStore(master.store).save(peer, Date.now());
  master.deliveries.subscribe(id);
  master.deliveries.toldBy(id, hashRoutes([], peer.name));
  let end: ReturnType<typeof master.notifier.open> | undefined;
  const answer = (message: LinkMessage): void => {
    // As it comes out of a socket.
    const text = JSON.stringify(message);
    setImmediate(() => end?.onMessage(linkMessage.parse(JSON.parse(text))));
  };
  const session: LinkSession = {
    hold: () => undefined,
    letGo: () => undefined,
    peer,
    remoteAddress: '127.0.0.1',
    backlog: 0,
    closed: false,
    drained: () => Promise.resolve(),
    close: () => undefined,
    send: (message) => {
      JSON.stringify(message);
      if (message.type !== 'notify') return;
      const { site, journal, through, items } = message;
      const now = Date.now();
      const states = items.map(({ seq, path }) => ({
        seq,
        path,
        state: 'published' as const,
        verdict: 'fetch' as const,
        receivedAt: now,
        fetchedAt: now,
        publishedAt: now,
        bytes: 0,
      }));
      const head = { type: 'states' as const, site, journal, receivedSeq: through, publishedSeq: through };
      answer({ ...head, waiting: 0, failing: 0, held: 0, items: states });
    },
  };
  end = master.notifier.open(session);
  const { id: journal, head } = master.journal;
  answer({
    type: 'hello',
    protocol: 1,
    node: { name: peer.name, role: 'mirror', version: 'bench' },
    now: Date.now(),
    understands: [...LINK_UNDERSTOOD],
    sites: [{ site: 'www', journal, seq: head, publishedSeq: head, filtered: false }],
  });
}

/** What was sent has been answered, and the answers are taken in. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
