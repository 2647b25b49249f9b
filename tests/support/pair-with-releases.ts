import { onTestFinished } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startMirror, type TestMaster, type TestMirror } from './master-and-mirror.ts';
import { startPair } from './memory-pair.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { readTree } from './tree.ts';

const LONG = 3_600_000;
export const PATIENT = { wait: true, missing: LONG, late: LONG, deleted: LONG };
export const BY = { account: 'tester' };
/** As long as one of two mirrors is away, the word is given by a person only. */
export const BOTH = { limit: LONG, quorum: 2 };
/** Files, and those that one message tells are fewer. */
export const MANY = 260;
/** Nobody listens there: what is wanted cannot be fetched. */
export const NOWHERE = 1;

/** With a second mirror, which has gone. */
export async function aPairAndOneAway(): Promise<{ master: TestMaster; mirror: TestMirror }> {
  const pair = await startPair();
  const away = await startMirror(await temporaryFolder(), 'osaka');
  onTestFinished(() => away.stop());
  away.connect(pair.master);
  await away.inStep(pair.master);
  away.cut();
  return pair;
}

export const names = async (mirror: TestMirror): Promise<string[]> => Object.keys(await readTree(mirror.rootFolder));

export async function release(
  master: TestMaster,
  files: Readonly<Record<string, string>>,
  removed: readonly string[] = [],
) {
  const open = master.site.beginRelease('spring', BY);
  for (const [path, content] of Object.entries(files)) {
    const upload = await open.beginUpload(path as SitePath, { by: BY });
    await upload.write(Buffer.from(content));
    await upload.commit();
  }
  for (const path of removed) await open.remove(path as SitePath, BY);
  return open;
}

/** The link breaks as soon as the mirror has heard so many more messages of this type. */
export function cutAfterNext(mirror: TestMirror, type: 'notify' | 'rules', count = 1): void {
  let heard = mirror.heard[type] ?? 0;
  const last = heard + count;
  Object.defineProperty(mirror.heard, type, {
    configurable: true,
    get: () => heard,
    set: (value: number) => {
      heard = value;
      if (value < last) return;
      Object.defineProperty(mirror.heard, type, { value, writable: true, configurable: true });
      mirror.cut();
    },
  });
}
