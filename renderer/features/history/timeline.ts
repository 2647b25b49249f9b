import type { HistoryRow } from '../../../shared/contract/status.ts';

export type Delivery = HistoryRow['deliveries'][number];

const stepNames = ['notified', 'received', 'fetched', 'published'] as const;
export type StepName = (typeof stepNames)[number];

export interface Step {
  readonly name: StepName;
  /** Milliseconds since the change was made. */
  readonly after: number;
}

/**
 * What happened to a change at one mirror, in its order. Two clocks tell the times: where the mirror's is a little behind, a
 * step does not come before the one that led to it.
 */
export function stepsOf({ notifiedAt, receivedAt, fetchedAt, publishedAt }: Delivery, at: number): Step[] {
  const times = { notified: notifiedAt, received: receivedAt, fetched: fetchedAt, published: publishedAt };
  let least = 0;
  return stepNames.flatMap((name) => {
    const time = times[name];
    if (time === undefined) return [];
    least = Math.max(least, time - at);
    return [{ name, after: least }];
  });
}

/** The length of the time line that all mirrors of a change share: to the slowest of them. */
export function lengthOf(deliveries: readonly Delivery[], at: number): number {
  return Math.max(1, ...deliveries.flatMap((delivery) => stepsOf(delivery, at).map(({ after }) => after)));
}
