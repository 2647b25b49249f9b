import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startMaster } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

/** The kernel answers EIO to whoever reads it. */
const FAILING = '/sys/devices/software/power/autosuspend_delay_ms';

/** As on a disk that fails: whoever may, opens it, and nobody can read it (EIO). False: that cannot be had here. */
function makeFailing(file: string): boolean {
  try {
    execFileSync('mount', ['--bind', FAILING, file], { stdio: 'pipe' });
    return true;
  } catch (error) {
    process.stdout.write(`skipped: no file that cannot be read can be had here (${String(error).split('\n')[0]})\n`);
    return false;
  }
}

test('a file that can be opened, and not read, stays told, and is read again ever more rarely', async () => {
  const master = await startMaster(await temporaryFolder());
  onTestFinished(() => master.stop());
  const file = join(master.rootFolder, 'bad.bin');
  await writeFile(file, '');
  if (!makeFailing(file)) return;
  let isMounted = true;
  const mend = (): void => {
    if (isMounted) execFileSync('umount', [file]);
    isMounted = false;
  };
  onTestFinished(mend);
  const { watch } = await watchSite(master);
  const { unfit } = master.site;
  const told = () => unfit.all.map(({ path, code }) => `${code} ${path.toString()}`);
  await until(() => told().length === 1, told);
  const [before] = unfit.all;
  const tries = vi.spyOn(unfit, 'unreadable');
  let [rounds, changes] = [0, 0];
  const looking = setInterval(() => {
    rounds += 1;
    unfit.look((path) => watch.readable(path));
    if (unfit.all[0] !== before) changes += 1;
  }, 50);
  onTestFinished(() => clearInterval(looking));
  await until(() => rounds === 80, 'it was looked at often');
  expect([tries.mock.calls.length, changes]).toEqual([1, 0]);
  clearInterval(looking);
  mend();
  await sleep(50);
  watch.readable(unfit.all[0]?.path.toString() as never);
  await until(() => journalOf(master).length === 1, told);
  expect(told()).toEqual([]);
});
