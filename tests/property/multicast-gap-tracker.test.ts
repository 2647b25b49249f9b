import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Announcement } from '../../electron/engine/link/multicast/datagram.ts';
import { type GapLimits, GapTracker } from '../../electron/engine/link/multicast/gap-tracker.ts';
import type { Change } from '../../shared/domain/change.ts';
import { announcementOf, JOURNAL, mkdirOf } from '../support/multicast-announcements.ts';

const LIMITS: GapLimits = { allowance: 100, repeat: 1000, ahead: 8 };

type Event =
  | { do: 'hear'; announcement: Announcement }
  | { do: 'advance'; through: number }
  | { do: 'wait'; millis: number };

/** A journal of which the mirror has the first changes, announced with losses, doubles and in any order. */
const story = fc.record({ from: fc.nat(5), length: fc.nat(30) }).chain(({ from, length }) => {
  const seq = fc.integer({ min: 0, max: from + length });
  const hear = fc.oneof(
    { weight: 8, arbitrary: seq.map((n) => announcementOf(mkdirOf(n))) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('head', 'byLink'), journal: fc.constant(JOURNAL), seq }),
    },
    { weight: 1, arbitrary: seq.map((n) => announcementOf(mkdirOf(n), 'f'.repeat(32))) },
  );
  const event: fc.Arbitrary<Event> = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ do: fc.constant('hear'), announcement: hear }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('advance'), through: seq }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), millis: fc.nat(300) }) },
  );
  return fc.record({ from: fc.constant(from), events: fc.array(event, { maxLength: 150 }) });
});

test('changes come out in order, each once and right after the one before it; what is missing becomes due', () => {
  fc.assert(
    fc.property(story, ({ from, events }) => {
      const tracker = new GapTracker(JOURNAL, from, LIMITS);
      let cursor = from;
      let head = from;
      let now = 0;
      const take = (changes: readonly Change[]): void => {
        for (const change of changes) {
          cursor += 1;
          expect(change).toEqual(mkdirOf(cursor));
        }
      };
      for (const event of events) {
        switch (event.do) {
          case 'hear': {
            const { announcement } = event;
            take(tracker.hear(announcement, now));
            if (announcement.journal !== JOURNAL) break;
            head = Math.max(head, announcement.kind === 'change' ? announcement.change.seq : announcement.seq);
            break;
          }
          case 'advance': {
            const changes = tracker.advance(event.through, now);
            cursor = Math.max(cursor, event.through);
            head = Math.max(head, event.through);
            take(changes);
            break;
          }
          case 'wait': {
            now += event.millis;
            const isDue = tracker.dueAt !== undefined && tracker.dueAt <= now;
            expect(tracker.takeGap(now)).toEqual(isDue ? { after: cursor, head } : undefined);
            expect(tracker.takeGap(now)).toBeUndefined();
            break;
          }
        }
        expect({ cursor: tracker.cursor, head: tracker.head }).toEqual({ cursor, head });
        // Nothing waits for ever: whoever is behind asks, the first time within the allowance.
        if (cursor === head) expect(tracker.dueAt).toBeUndefined();
        else expect(tracker.dueAt).toBeLessThanOrEqual(now + LIMITS.repeat);
      }
    }),
    { numRuns: 1000 },
  );
});

test('any order with any doubles is put right without the link, while nothing is too far ahead', () => {
  const order = fc
    .record({ count: fc.integer({ min: 1, max: LIMITS.ahead }), doubles: fc.array(fc.nat(7), { maxLength: 10 }) })
    .chain(({ count, doubles }) => {
      const all = Array.from({ length: count }, (_, at) => at + 1);
      const heard = [...all, ...doubles.map((at) => (at % count) + 1)];
      return fc.shuffledSubarray(heard, { minLength: heard.length });
    });
  fc.assert(
    fc.property(order, (heard) => {
      const tracker = new GapTracker(JOURNAL, 0, LIMITS);
      const told = heard.flatMap((seq) => tracker.hear(announcementOf(mkdirOf(seq)), 0));
      expect(told).toEqual(Array.from({ length: Math.max(...heard) }, (_, at) => mkdirOf(at + 1)));
      expect(tracker.dueAt).toBeUndefined();
    }),
  );
});
