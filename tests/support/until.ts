import { setTimeout as sleep } from 'node:timers/promises';

/** Far above what anything takes on a slow machine beside other work: only a fault waits so long. */
export const PATIENCE_MILLIS = 120_000;

/** Looks again and again until it is so. Throws after {@link PATIENCE_MILLIS}, with what it was to be, or what there is instead. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => unknown) = String(condition),
  everyMillis = 10,
): Promise<void> {
  for (const end = Date.now() + PATIENCE_MILLIS; Date.now() < end; await sleep(everyMillis))
    if (await condition()) return;
  throw new Error(`never: ${typeof what === 'string' ? what : JSON.stringify(await what())}`);
}
