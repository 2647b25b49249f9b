import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { Following } from '../../electron/engine/master/watch/following.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster } from '../support/a-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

test('what is gone is not judged while a folder that has come is still being read: it may hold all of that', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'site/all'), { recursive: true });
  const names = Array.from({ length: 20 }, (_, at) => `${at}.html`);
  for (const name of names) await writeFile(join(folder, 'site/all', name), name);
  const master = await aMaster([], folder);
  await rescan(master.site);

  let isReading = true;
  let readUntil = 0;
  const following = new Following({
    site: master.site,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    readUntil: () => (isReading ? performance.now() : readUntil),
    onRound: () => undefined,
  });
  const ending = new AbortController();
  const ended = following.run(ending.signal).catch((error: unknown) => error);
  await rename(join(folder, 'site/all'), join(folder, 'site/new'));
  const touched = (path: string) => following.touched(path as SitePath, performance.now());
  touched('all');
  touched('new');
  expect(await Promise.race([ended, sleep(3_000, 'it waits')])).toBe('it waits');
  for (const name of names) touched(`new/${name}`);
  [isReading, readUntil] = [false, performance.now()];
  const known = (path: string) => master.journal.index.entry(path as SitePath)?.kind;
  await until(() => known('all') === undefined && known('new/19.html') === 'file', 'it is published by its new name');
  expect(master.journal.index.files()).toBe(20);
  ending.abort();
  expect(await ended).toMatchObject({ name: 'AbortError' });
});
