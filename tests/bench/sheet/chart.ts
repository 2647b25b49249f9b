/** One bar: what it is of, its value, and what was to be reached. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Drawn as a line across the bar. */
  readonly target?: number;
}

export interface Chart {
  readonly title: string;
  /** With its unit: 'milliseconds from the 226'. */
  readonly axis: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
const LABELS = 250;
const RIGHT = 70;
const TOP = 44;
const ROW = 30;
const BAR = 18;
const BOTTOM = 52;
const TICKS = 5;

/** Where a file is read in a page its colours follow the reader's, light or dark, without a script. */
const STYLE = `
  .ground { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #59636e } .grid { stroke: #d1d9e0 }
  .bar { fill: #0969da } .target { stroke: #bc4c00 }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif }
  .title { font-weight: 600; font-size: 15px }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .ink { fill: #f0f6fc } .soft { fill: #9198a1 } .grid { stroke: #3d444d }
    .bar { fill: #4493f8 } .target { stroke: #f0883e }
  }`;

/** A chart of horizontal bars as an SVG document of its own. */
export function drawBars({ title, axis, bars }: Chart): string {
  const height = TOP + bars.length * ROW + BOTTOM;
  const bottom = TOP + bars.length * ROW;
  const most = niceAbove(Math.max(...bars.flatMap(({ value, target = 0 }) => [value, target])));
  const x = (value: number): number => LABELS + (value / most) * (WIDTH - LABELS - RIGHT);
  const ticks = Array.from({ length: TICKS + 1 }, (_, at) => (most * at) / TICKS);
  const hasTarget = bars.some(({ target }) => target !== undefined);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>`,
    `<text class="ink title" x="16" y="26">${escape(title)}</text>`,
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${TOP - 4}" y2="${bottom}"/>`,
      `<text class="soft" x="${x(tick).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${shortNumber(tick)}</text>`,
    ]),
    ...bars.flatMap((bar, at) => drawBar(bar, TOP + at * ROW, x)),
    `<text class="soft" x="${x(0)}" y="${bottom + 40}">${escape(axis)}</text>`,
    ...(hasTarget
      ? [
          `<line class="target" stroke-width="3" x1="16" x2="16" y1="${bottom + 29}" y2="${bottom + 43}"/>`,
          `<text class="soft" x="24" y="${bottom + 40}">what is to be reached</text>`,
        ]
      : []),
    '</svg>\n',
  ].join('\n');
}

function drawBar({ label, value, target }: Bar, top: number, x: (value: number) => number): string[] {
  const middle = top + ROW / 2;
  const end = x(value);
  return [
    `<text class="ink" x="${LABELS - 10}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
    `<rect class="bar" x="${LABELS}" y="${middle - BAR / 2}" width="${Math.max(1, end - LABELS).toFixed(1)}" height="${BAR}" rx="2"/>`,
    ...(target === undefined
      ? []
      : [
          `<line class="target" stroke-width="3" x1="${x(target).toFixed(1)}" x2="${x(target).toFixed(1)}" y1="${middle - BAR / 2 - 3}" y2="${middle + BAR / 2 + 3}"/>`,
        ]),
    `<text class="ink" x="${(Math.max(end, x(target ?? 0)) + 8).toFixed(1)}" y="${middle + 4}">${shortNumber(value)}</text>`,
  ];
}

/** The end of an axis: 1, 2 or 5 times a power of ten, or the next above it. */
export function niceAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Three digits that count; thousands with a comma. */
export function shortNumber(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
