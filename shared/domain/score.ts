/** The lengths of time that the score shows, in milliseconds. */
export const scoreSpans = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type ScoreSpan = keyof typeof scoreSpans;
export const scoreSpanNames: readonly ScoreSpan[] = ['minute', 'hour', 'day'];

/** Where there is too much for a dot each, a span is told in so many columns, which begin at whole multiples of their width. */
export const SCORE_COLUMNS = 300;

/** How long a column is, in milliseconds. */
export function columnMillis(span: ScoreSpan): number {
  return scoreSpans[span] / SCORE_COLUMNS;
}
