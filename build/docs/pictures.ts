import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from '../built.ts';
import { packageScript, root, run } from '../run.ts';

/**
 * `npm run pictures`: the pictures of the docs, of the interface as it is. The end-to-end tests take them on their way; those that
 * the docs show are copied.
 */
const pictures = [
  { name: 'overview', taken: 'in-step', by: 'console-overview', test: 'in step: says so at a glance' },
  { name: 'publish', taken: 'publish-review', by: 'publish', test: 'a folder is looked at, published under a name' },
  { name: 'release', taken: 'together-release', by: 'together', test: 'releases: how far each is' },
  { name: 'site', taken: 'site-file', by: 'site', test: 'a file leads to what it links to' },
  { name: 'history', taken: 'history-transfer', by: 'history', test: 'a transfer is opened by keys' },
  { name: 'mirrors', taken: 'mirrors', by: 'mirrors', test: 'a map and a table that says the same' },
] as const;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const args = [
  ...pictures.map(({ by }) => `tests/e2e/${by}\\.spec\\.ts$`),
  '-g',
  pictures.map(({ test }) => escaped(test)).join('|'),
];
if (!(await ensureBuilt())) throw new Error('the build failed');
const playwright = packageScript('@playwright/test/cli.js');
const { code } = await run(
  process.execPath,
  [playwright, 'test', '--config', 'build/playwright.config.ts', ...args],
  'show',
);
if (code !== 0) throw new Error('not every picture could be taken');
const folder = join(root, 'docs', 'pictures');
mkdirSync(folder, { recursive: true });
for (const { name, taken } of pictures)
  copyFileSync(join(root, '.cache', 'pictures', `${taken}.png`), join(folder, `${name}.png`));
console.log(`${pictures.length} pictures are in docs/pictures`);
