import { onTestFinished } from 'vitest';
import { startMaster, startMirror, type TestMaster, type TestMirror } from './master-and-mirror.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A master and a mirror that has all of it; both are stopped when the test has ended. `folders`: theirs, where they matter. */
export async function startPair(
  routes: Parameters<typeof startMaster>[1] = [],
  folders: { readonly master?: string; readonly mirror?: string } = {},
): Promise<{ master: TestMaster; mirror: TestMirror }> {
  const master = await startMaster(folders.master ?? (await temporaryFolder()), routes);
  onTestFinished(() => master.stop());
  const mirror = await startMirror(folders.mirror ?? (await temporaryFolder()), 'tokyo');
  onTestFinished(() => mirror.stop());
  mirror.connect(master);
  await mirror.inStep(master);
  return { master, mirror };
}
