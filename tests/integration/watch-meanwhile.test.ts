import { utimesSync, writeFileSync } from 'node:fs';
import { link, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, vi } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster } from '../support/a-pair.ts';
import { sha256 } from '../support/site-calls.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

const TIME = new Date('2026-01-01T00:00:00Z');

/** A watched site; `meanwhile`: what somebody else does once a file was read, and before it is journalled. */
async function start() {
  const master = await aMaster();
  await watchSite(master);
  const at = (path: string) => join(master.rootFolder, path);
  const holds = async (path: string, content: string) =>
    until(
      () => {
        const entry = master.journal.index.entry(path as SitePath);
        return entry?.kind === 'file' && entry.sha256 === sha256(content);
      },
      () => journalOf(master),
    );
  const meanwhile = (path: string, change: () => void) => {
    const referencesOf = master.site.referencesOf.bind(master.site);
    const spy = vi.spyOn(master.site, 'referencesOf').mockImplementation(async (each, absolute) => {
      if (each === path) {
        spy.mockRestore();
        change();
        // It is heard of before the round has ended.
        await sleep(50);
      }
      return referencesOf(each, absolute);
    });
  };
  return { at, holds, meanwhile };
}

test('a large file that gets the time of before while it is journalled is published', async () => {
  const { at, holds, meanwhile } = await start();
  const [one, other] = ['1'.repeat(2_000_000), '2'.repeat(2_000_000)];
  await writeFile(at('large.txt'), one);
  await utimes(at('large.txt'), TIME, TIME);
  await holds('large.txt', one);
  meanwhile('large.txt', () => utimesSync(at('large.txt'), TIME, TIME));
  await writeFile(at('large.txt'), other);
  await holds('large.txt', other);
});

test('what is written to a file by another of its names while it is journalled is published', async () => {
  const { at, holds, meanwhile } = await start();
  await writeFile(at('page.html'), 'page 1');
  await link(at('page.html'), at('same.html'));
  for (const path of ['page.html', 'same.html']) await holds(path, 'page 1');
  meanwhile('same.html', () => writeFileSync(at('page.html'), 'page 3, longer'));
  await writeFile(at('page.html'), 'page 2');
  for (const path of ['page.html', 'same.html']) await holds(path, 'page 3, longer');
});
