import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createReferenceFinder } from '../../electron/engine/master/find-references.ts';
import { at } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const find = createReferenceFinder(() => [], pino({ level: 'silent' }));

test('where a page links to is found as it is published; a page that is gone links to nothing, nor does what is no page', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'page'), '<a href="other.html">');
  expect(await find(at('a/page.html'), join(folder, 'page'))).toEqual(['a/other.html']);
  expect(await find(at('a/page.html'), join(folder, 'gone'))).toBeUndefined();
  expect(await find(at('a/photo.jpg'), join(folder, 'gone'))).toBeUndefined();
});

test('a page that cannot be read is not published without its links', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'unreadable'));
  await expect(find(at('page.html'), join(folder, 'unreadable'))).rejects.toMatchObject({
    code: 'file.is-directory',
    params: { path: 'page.html' },
  });
});
