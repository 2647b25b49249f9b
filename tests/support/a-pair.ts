import { onTestFinished } from 'vitest';
import type { FollowConfig, SiteConfig } from '../../shared/contract/config.ts';
import { startMaster, startMirror, type TestMaster, type TestMirror } from './master-and-mirror.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A test master, stopped after the test. */
export async function aMaster(routes: SiteConfig['routes'] = [], folder?: string): Promise<TestMaster> {
  const master = await startMaster(folder ?? (await temporaryFolder()), routes);
  onTestFinished(() => master.stop());
  return master;
}

/** A mirror, stopped after the test; not linked yet. */
export async function aMirror(
  name = 'tokyo',
  follow: Partial<FollowConfig> = {},
  folder?: string,
): Promise<TestMirror> {
  const mirror = await startMirror(folder ?? (await temporaryFolder()), name, follow);
  onTestFinished(() => mirror.stop());
  return mirror;
}

/** Linked, and in step. */
export async function aPair(
  follow: Partial<FollowConfig> = {},
  routes: SiteConfig['routes'] = [],
): Promise<{ master: TestMaster; mirror: TestMirror }> {
  const [master, mirror] = [await aMaster(routes), await aMirror('tokyo', follow)];
  mirror.connect(master);
  await mirror.inStep(master);
  return { master, mirror };
}
