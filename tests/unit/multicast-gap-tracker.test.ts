import { expect, test } from 'vitest';
import type { Announcement } from '../../electron/engine/link/multicast/datagram.ts';
import { GapTracker } from '../../electron/engine/link/multicast/gap-tracker.ts';
import { announcementOf, JOURNAL, mkdirOf } from '../support/multicast-announcements.ts';

const tracker = (): GapTracker => new GapTracker(JOURNAL, 10, { allowance: 100, repeat: 1000, ahead: 4 });
const told = (seq: number): Announcement => announcementOf(mkdirOf(seq));
const head = (seq: number): Announcement => ({ kind: 'head', journal: JOURNAL, seq });
const byLink = (seq: number): Announcement => ({ kind: 'byLink', journal: JOURNAL, seq });

test('a lost change is asked for after the allowance, and what was heard beyond it follows the answer', () => {
  const gaps = tracker();
  expect(gaps.hear(told(11), 0)).toEqual([mkdirOf(11)]);
  expect(gaps.hear(told(13), 50)).toEqual([]);
  expect(gaps.takeGap(149)).toBeUndefined();
  expect(gaps.takeGap(150)).toEqual({ after: 11, head: 13 });
  expect(gaps.advance(12, 160)).toEqual([mkdirOf(13)]);
  expect(gaps.dueAt).toBeUndefined();
});

test('the loss of the last change is noticed by the head', () => {
  const gaps = tracker();
  expect(gaps.hear(head(11), 0)).toEqual([]);
  expect(gaps.hear(head(11), 90)).toEqual([]);
  expect(gaps.takeGap(100)).toEqual({ after: 10, head: 11 });
});

test('what only the link has is asked for at once, when it is its turn', () => {
  const gaps = tracker();
  expect(gaps.hear(byLink(12), 0)).toEqual([]);
  expect(gaps.dueAt).toBe(100);
  expect(gaps.hear(told(11), 20)).toEqual([mkdirOf(11)]);
  expect(gaps.takeGap(20)).toEqual({ after: 11, head: 12 });
});

test('a change too far ahead is not kept, and does not wait', () => {
  const gaps = tracker();
  expect(gaps.hear(told(15), 0)).toEqual([]);
  expect(gaps.takeGap(0)).toEqual({ after: 10, head: 15 });
  expect(gaps.advance(14, 1)).toEqual([]);
  expect(gaps.cursor).toBe(14);
});

test('a link that does not answer is asked again; one that is answering is given time', () => {
  const gaps = tracker();
  gaps.hear(head(14), 0);
  expect(gaps.takeGap(100)).toEqual({ after: 10, head: 14 });
  expect(gaps.takeGap(1099)).toBeUndefined();
  expect(gaps.takeGap(1100)).toEqual({ after: 10, head: 14 });
  gaps.advance(12, 1500);
  expect(gaps.takeGap(2499)).toBeUndefined();
  expect(gaps.takeGap(2500)).toEqual({ after: 12, head: 14 });
});

test('a gap that opens while an earlier one is asked for is due by itself once that is closed', () => {
  const gaps = tracker();
  gaps.hear(byLink(11), 0);
  expect(gaps.takeGap(0)).toEqual({ after: 10, head: 11 });
  gaps.hear(byLink(12), 5);
  expect(gaps.takeGap(5)).toBeUndefined();
  gaps.advance(11, 10);
  expect(gaps.takeGap(10)).toEqual({ after: 11, head: 12 });
});
