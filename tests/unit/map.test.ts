import { expect, test } from 'vitest';
import { machinesOf } from '../../renderer/features/map/machines.ts';
import { CARD, layOutMap } from '../../renderer/features/map/map-layout.ts';
import { masterStatus, mirrorStatus, peer } from '../support/statuses.ts';

test.each([0, 1, 2, 8, 9, 20, 21, 37, 50])('a map of %i mirrors: no card lies on another', (count) => {
  const { master, mirrors, width, height } = layOutMap(count);
  const cards = [master, ...mirrors];
  expect(mirrors).toHaveLength(count);
  for (const [index, one] of cards.entries())
    for (const other of cards.slice(index + 1))
      expect(Math.abs(one.x - other.x) >= CARD.width || Math.abs(one.y - other.y) >= CARD.height).toBe(true);
  for (const { x, y } of mirrors) {
    expect(Math.abs(x) + CARD.width).toBeLessThanOrEqual(width + Math.abs(x));
    expect(Math.abs(y)).toBeLessThanOrEqual(height);
  }
});

test('lines to a second column pass between the cards of the first', () => {
  const { mirrors } = layOutMap(50);
  const right = mirrors.filter(({ side }) => side === 'right');
  const columns = [...new Set(right.map(({ x }) => x))].toSorted((a, b) => a - b);
  expect(columns).toHaveLength(2);
  const [near, far] = columns.map((column) =>
    right.filter(({ x }) => x === column).map(({ y }) => y + CARD.height / 2),
  );
  for (const middle of far ?? [])
    for (const other of near ?? []) expect(Math.abs(middle - other)).toBeGreaterThan(CARD.height / 2);
});

test('a small map shows trouble one by one, and the rest together', () => {
  const peers = Array.from({ length: 20 }, (_, index) => peer(`m${index}`, index === 7 ? { connected: false } : {}));
  const status = masterStatus(peers);
  const [site] = status.sites;
  if (!site) throw new Error('no site');
  const told = (small: boolean): unknown =>
    machinesOf(status.node, site, small).others.map(({ name, state, many }) => [name, state, many]);
  expect(told(true)).toEqual([
    ['m7', 'away', undefined],
    ['', 'in-step', 19],
  ]);
  expect(told(false)).toHaveLength(20);
});

test('a map of more machines than can be read shows trouble one by one, too', () => {
  const peers = Array.from({ length: 200 }, (_, index) => peer(`m${index}`, index === 7 ? { connected: false } : {}));
  const status = masterStatus(peers);
  const [site] = status.sites;
  if (!site) throw new Error('no site');
  expect(machinesOf(status.node, site, false).others.map(({ name, many }) => [name, many])).toEqual([
    ['m7', undefined],
    ['', 199],
  ]);
});

test('at a mirror the map leads from its master to it', () => {
  const status = mirrorStatus(peer('origin', { bytesPerSecond: 10 }));
  const [site] = status.sites;
  if (!site) throw new Error('no site');
  const { first, others } = machinesOf(status.node, site, false);
  expect([first, others.map(({ name, moves }) => [name, moves])]).toEqual(['origin', [['osaka', true]]]);
});
