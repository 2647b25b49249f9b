/** Where a row of the history stands: rows of one time by their source, those of one source by their number. */
export interface HistoryPlace {
  readonly at: number;
  readonly source: number;
  readonly number: number;
}

export function placeText({ at, source, number }: HistoryPlace): string {
  return `${at}.${source}.${number}`;
}

/** Of a text that the contract's `historyPlace` has let through. */
export function parsePlace(text: string): HistoryPlace {
  const [at = 0, source = 0, number = 0] = text.split('.').map(Number);
  return { at, source, number };
}

/** Negative: `one` is the newer and comes first. */
export function comparePlaces(one: HistoryPlace, other: HistoryPlace): number {
  return other.at - one.at || one.source - other.source || other.number - one.number;
}
