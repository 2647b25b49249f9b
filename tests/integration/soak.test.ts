import { expect, test } from 'vitest';
import { soak } from '../soak/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Seconds here; half an hour by `npm run soak`. With this seed the first two faults are a kill -9 of the master and a cut link. */
test('real processes under random load: one is killed, links are cut, and the oracle finds nothing wrong', {
  timeout: 900_000,
}, async () => {
  const said: string[] = [];
  const verdict = await soak({
    folder: await temporaryFolder(),
    seed: 'short 226',
    millis: 12_000,
    betweenFaults: 2000,
    say: (line) => void said.push(line),
  });
  expect(verdict.faults, said.join('\n')).toEqual([]);
  expect(verdict.broken.of('kill -9 of origin'), verdict.broken.text).toBeGreaterThan(0);
  expect(verdict.broken.of('link cut')).toBeGreaterThan(0);
  expect(verdict.operations.of('put'), verdict.operations.text).toBeGreaterThan(0);
  expect(verdict.operations.of('samples')).toBeGreaterThan(0);
  expect(said.length).toBeGreaterThanOrEqual(2);
});
