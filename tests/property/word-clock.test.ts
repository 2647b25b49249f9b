import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { WordGiver } from '../../electron/engine/master/release/word-giver.ts';
import type { Release, ReleaseStore } from '../../electron/engine/store/releases.ts';

const RUNS = Number(process.env['LOCKSTEP_RUNS'] ?? 1500);
const BEGIN = 1_700_000_000_000;
const HOUR = 3_600_000;
/** The longest that it does not look, and what a timer may be late here. */
const LOOK_MILLIS = 60_000;

const event = fc.oneof(
  fc.record({
    do: fc.constant('commit' as const),
    limit: fc.constantFrom(1, 5_000, 60_000, 600_000),
    quorum: fc.constantFrom(undefined, 1, 2, 3),
    mirrors: fc.integer({ min: 0, max: 3 }),
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ready' as const), release: fc.nat(3), mirror: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), millis: fc.constantFrom(1, 900, 30_000, 300_000) }),
  },
  // Between two looks, or after the clock has been read so often in the next one.
  fc.record({
    do: fc.constant('set' as const),
    by: fc.constantFrom(-48 * HOUR, -HOUR, -2_000, 2_000, HOUR, 48 * HOUR),
    afterReads: fc.constantFrom(0, 0, 1, 2, 3),
  }),
  fc.record({ do: fc.constant('look' as const) }),
);

interface Known {
  release: { -readonly [K in keyof Release]: Release[K] };
  committedAt: number;
  toldAt: number | undefined;
}

afterEach(() => {
  vi.useRealTimers();
});

test('the word is given once, to what is ready or when its time is over, however the clock is set, and at any moment', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      let offset = BEGIN;
      let jump: { by: number; reads: number } | undefined;
      const steady = (): number => performance.now();
      const now = (): number => {
        if (jump && jump.reads-- <= 0) {
          offset += jump.by;
          jump = undefined;
        }
        return offset + steady();
      };
      const known: Known[] = [];
      const isReady = ({ readyAt }: Release['peers'][number]): boolean => readyAt !== undefined;
      const releases = {
        get: (id: number) => known[id]?.release,
        awaitingGo: () => known.flatMap(({ release }) => (release.goAt === undefined ? [release] : [])),
        go: (id: number, at: number) => {
          const each = known[id];
          if (!each || each.release.goAt !== undefined) return false;
          each.release.goAt = at;
          return true;
        },
      } as unknown as ReleaseStore;
      const tell = (id: number): void => {
        const each = known[id];
        if (!each) throw new Error('it was never committed');
        expect(each.toldAt, 'told twice').toBe(undefined);
        // Durable before anybody is told.
        expect(each.release.goAt).not.toBe(undefined);
        each.toldAt = steady();
        const { peers, together } = each.release;
        const ready = peers.filter(isReady).length;
        if (ready === peers.length) return;
        expect(steady() - each.committedAt).toBeGreaterThanOrEqual((together?.limit ?? 0) - 1);
        expect(ready).toBeGreaterThanOrEqual(quorumOf(each.release));
      };
      const giver = new WordGiver({
        releases,
        clock: { now },
        tell,
        isPaused: () => false,
        onChange: () => undefined,
      });
      giver.look();
      for (const each of events) {
        switch (each.do) {
          case 'commit': {
            const id = known.length;
            const peers = Array.from({ length: each.mirrors }, (_, mirror) => ({ peer: `${mirror}` }));
            const together = { limit: each.limit, ...(each.quorum !== undefined && { quorum: each.quorum }) };
            const release = { id, name: `${id}`, at: now(), together, peers } as unknown as Known['release'];
            known.push({ release, committedAt: steady(), toldAt: undefined });
            giver.look();
            break;
          }
          case 'ready': {
            const peer = known[each.release]?.release.peers[each.mirror];
            if (peer) Object.assign(peer, { readyAt: now() });
            giver.look();
            break;
          }
          case 'pass':
            vi.advanceTimersByTime(each.millis);
            break;
          case 'set':
            jump = { by: each.by, reads: each.afterReads };
            if (each.afterReads === 0) now();
            break;
          case 'look':
            giver.look();
        }
        for (const { release, committedAt, toldAt } of known) {
          const ready = release.peers.filter(isReady).length;
          const isOver = steady() - committedAt > (release.together?.limit ?? 0) + LOOK_MILLIS;
          const must = ready === release.peers.length || (isOver && ready >= quorumOf(release));
          if (must) expect(toldAt, 'nobody is told').not.toBe(undefined);
        }
      }
      giver.stop();
      vi.useRealTimers();
    }),
    { numRuns: RUNS },
  );
});

function quorumOf({ peers, together }: Release): number {
  return Math.min(peers.length, together?.quorum ?? Math.floor(peers.length / 2) + 1);
}
