import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { verbs } from '../../electron/engine/master/ftp-server/verbs/table.ts';
import { expectNamedTests } from '../support/named-tests.ts';

const document = new URL('../../docs/ftp-server.md', import.meta.url);
const text = await readFile(document, 'utf8');

test('the table of commands has every command that is served, and no other', () => {
  const rows = [...text.matchAll(/^\| (`[A-Z]+`(?:, `[A-Z]+`)*) \| /gm)].flatMap(([, names = '']) =>
    names.split(', ').map((name) => name.slice(1, -1)),
  );
  expect(rows.toSorted()).toEqual([...verbs.keys()].toSorted());
});

test('each line names its test, which is there', async () => {
  await expectNamedTests(document, verbs.size - 5);
});
