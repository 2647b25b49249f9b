import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { aMaster } from '../support/a-pair.ts';
import { makeFailing } from '../support/failing-file.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

test('a file that can be opened, and not read, stays told, and is read again ever more rarely', async () => {
  const master = await aMaster();
  const file = join(master.rootFolder, 'bad.bin');
  await writeFile(file, '');
  const mend = makeFailing(file);
  if (!mend) return;
  const { watch } = await watchSite(master);
  const { unfit } = master.site;
  const told = () => unfit.all.map(({ path, code }) => `${code} ${path.toString()}`);
  await until(() => told().length === 1, told);
  const [before] = unfit.all;
  const tries = vi.spyOn(unfit, 'unreadable');
  let [rounds, changes] = [0, 0];
  const looking = setInterval(() => {
    rounds += 1;
    unfit.look(watch);
    if (unfit.all[0] !== before) changes += 1;
  }, 50);
  onTestFinished(() => clearInterval(looking));
  await until(() => rounds === 80, 'it was looked at often');
  expect([tries.mock.calls.filter(([paths]) => paths.size > 0).length, changes]).toEqual([1, 0]);
  clearInterval(looking);
  mend();
  await sleep(50);
  watch.readable(unfit.all[0]?.path.toString() as never);
  await until(() => journalOf(master).length === 1, told);
  expect(told()).toEqual([]);
});
