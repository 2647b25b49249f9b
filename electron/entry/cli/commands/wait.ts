import { setTimeout as delay } from 'node:timers/promises';
import type { PeerStatus, Status } from '../../../../shared/contract/status.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { readConfig } from '../../../engine/config/config-file.ts';
import { command, EXIT, jsonOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { findRunning, reachRunning } from '../reach.ts';
import { firstReason } from '../reason-text.ts';
import { count, json, peerState } from '../text.ts';
import { dataFolder, parseDuration, parseWhole } from '../values.ts';

const LOOK_MILLIS = { first: 20, most: 250 };

export const wait = command({
  words: 'wait',
  summary: 'wait until every mirror of this master, or this mirror, is in step',
  options: {
    seq: { type: 'string', value: 'N', help: 'wait only until change N is published' },
    site: { type: 'string', value: 'NAME', help: 'only this site' },
    timeout: { type: 'string', value: 'TIME', help: 'how long to wait at most (default 60s); then exit 3' },
    ...jsonOption,
  },
  async run({ values }, io) {
    const dataDir = dataFolder(values.data, io);
    const goal = {
      ...(values.seq !== undefined && { seq: parseWhole('--seq', values.seq) }),
      ...(values.site !== undefined && { site: values.site }),
    };
    const patience = parseDuration('--timeout', values.timeout ?? '60s');
    // What runs goes on with the config that it has.
    if (!(await findRunning(dataDir))) await readConfig(dataDir);
    const deadline = performance.now() + patience;
    for (let pause = LOOK_MILLIS.first; ; pause = Math.min(LOOK_MILLIS.most, pause * 2)) {
      const status = await look(dataDir);
      const lagging = status ? laggards(status, goal, io.now()) : undefined;
      if (status && lagging?.length === 0) {
        if (values.json) io.out(json({ inStep: true, behind: [] }));
        else if (!status.sites.some((site) => site.peers.length > 0))
          io.err('Nobody is paired yet: there is nothing to wait for.');
        return EXIT.done;
      }
      if (performance.now() >= deadline) {
        if (values.json)
          io.out(json({ inStep: false, behind: (lagging ?? []).map(({ site, peer }) => ({ site, ...peer })) }));
        throw status
          ? notInStep(lagging ?? [], io.now())
          : new AppError('not-in-step', { reason: 'Lockstep is not running here' });
      }
      await delay(Math.max(0, Math.min(pause, deadline - performance.now())));
    }
  },
});

interface Goal {
  readonly seq?: number;
  readonly site?: string;
}

interface Laggard {
  readonly site: string;
  readonly peer: PeerStatus;
  /** The first of the reasons, in words. */
  readonly why: string;
}

/** Undefined while nothing runs: it may be started within the time. */
async function look(dataDir: string): Promise<Status | undefined> {
  const running = await findRunning(dataDir);
  if (!running) return undefined;
  return reachRunning(running).call('node.status', {});
}

export function laggards(status: Status, { seq, site }: Goal, now = 0): Laggard[] {
  const { sites } = status;
  const meant = site === undefined ? sites : sites.filter(({ name }) => name === site);
  if (site !== undefined && meant.length === 0) throw new AppError('site.unknown', { site });
  if (seq !== undefined && meant.length > 1)
    throw wrong('--seq counts the changes of one site', 'Write --site NAME too');
  return meant.flatMap((each) =>
    each.peers
      .filter((peer) => (seq === undefined ? !peer.inStep : peer.publishedSeq < seq))
      .map((peer) => ({ site: each.name, peer, why: firstReason(status, each, peer, now) })),
  );
}

export function notInStep(lagging: readonly Laggard[], now: number): AppError {
  const named = lagging.slice(0, 5).map(({ site, peer, why }) => {
    // What it has not published is not there yet.
    if (peer.inStep) return `${peer.name} (${site}) is at change ${count(peer.publishedSeq)}, the latest that there is`;
    const { word, detail } = peerState(peer, now);
    return `${peer.name} (${site}) is ${word}${detail ? `, ${detail}` : ''}${why ? `: ${why.replace(/\.$/, '')}` : ''}`;
  });
  const more = lagging.length > named.length ? [`and ${count(lagging.length - named.length)} more`] : [];
  return new AppError('not-in-step', { reason: [...named, ...more].join('; ') });
}
