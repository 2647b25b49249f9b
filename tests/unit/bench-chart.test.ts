import { parseDocument } from 'htmlparser2';
import { expect, test } from 'vitest';
import { drawBars, niceAbove, shortNumber } from '../bench/sheet/chart.ts';
import { share, spread } from '../bench/sheet/spread.ts';

const CHART = {
  title: 'Reads & writes <of one update>',
  axis: 'milliseconds, median',
  bars: [
    { label: 'Lockstep, TLS', value: 2.5, target: 5 },
    { label: 'lsyncd', value: 8 },
    { label: 'nothing', value: 0 },
  ],
};

test('a chart is one well-formed document with its title, axis, labels and values in it', () => {
  const svg = drawBars(CHART);
  const texts: string[] = [];
  const open: string[] = [];
  const document = parseDocument(svg, { xmlMode: true });
  const visit = (node: (typeof document.children)[number]): void => {
    if (node.type === 'text' && node.data.trim()) texts.push(node.data);
    if (node.type !== 'tag' && node.type !== 'style') return;
    open.push(node.name);
    node.children.forEach(visit);
  };
  document.children.forEach(visit);
  expect(open.filter((name) => name === 'svg')).toHaveLength(1);
  expect(open).not.toContain('script');
  expect(texts).toEqual(
    expect.arrayContaining([
      'Reads & writes <of one update>',
      'milliseconds, median',
      'Lockstep, TLS',
      '2.5',
      '8',
      '0',
      'what is to be reached',
    ]),
  );
  // Both kinds of pages.
  expect(svg).toContain('prefers-color-scheme: dark');
});

test('bars are as long as their values, on an axis that holds them all', () => {
  const widths = [...drawBars(CHART).matchAll(/class="bar"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([100, 320, 1]);
  expect([0, 0.3, 1, 1.2, 2.4, 7, 99, 1001].map(niceAbove)).toEqual([1, 0.5, 1, 2, 2.5, 10, 100, 2000]);
  expect([0, 0.1234, 12.34, 999.9, 12_345.6].map(shortNumber)).toEqual(['0', '0.123', '12.3', '1000', '12,346']);
});

test('a share of what was measured', () => {
  expect(share([5, 1, 3], 0.5)).toBe(3);
  expect(share([], 0.5)).toBeNaN();
  expect(spread([3, 1, 2], 0)).toBe('2 / 3');
});
