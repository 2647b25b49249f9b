import { expect, test, vi } from 'vitest';
import { Planner } from '../../electron/engine/tree/planner.ts';
import { startPair } from '../support/memory-pair.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

test('what is put while a change of the same file is being carried out at the mirror is fetched after it', async () => {
  const { master, mirror } = await startPair();
  await master.put('a', 'first');
  await mirror.inStep(master);
  const method = 'carryOut' as const;
  const carryOut = Planner.prototype[method];
  const before = master.journal.head;
  const { state } = mirror.site;
  let isSlow = false;
  // The mirror's disk takes as long to set a time as it takes to hear of what is put meanwhile.
  vi.spyOn(Planner.prototype, 'carryOut').mockImplementation(async function (this: Planner, plan, steps) {
    if (state.cursor > before && steps.some((step) => step.do === 'touch')) {
      isSlow = true;
      await until(() => state.cursor === before + 2, 'the put is heard');
    }
    return carryOut.call(this, plan, steps);
  });
  await master.touch('a', 1_600_000_000_000);
  await until(() => isSlow, 'its time is being set');
  await master.put('a', 'second');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});
