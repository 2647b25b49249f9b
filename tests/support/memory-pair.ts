import { onTestFinished } from 'vitest';
import { startMaster, startMirror, type TestMaster, type TestMirror } from './master-and-mirror.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A master and a mirror that has all of it; both are stopped when the test has ended. */
export async function startPair(
  routes: Parameters<typeof startMaster>[1] = [],
): Promise<{ master: TestMaster; mirror: TestMirror }> {
  const master = await startMaster(await temporaryFolder(), routes);
  onTestFinished(() => master.stop());
  const mirror = await startMirror(await temporaryFolder(), 'tokyo');
  onTestFinished(() => mirror.stop());
  mirror.connect(master);
  await mirror.inStep(master);
  return { master, mirror };
}
