import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Links } from '../../electron/engine/store/links.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { parseReference, type Reference } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = 'page.html' as SitePath;
const refs = (...targets: string[]): Reference[] => targets.flatMap((target) => parseReference(target) ?? []);

async function openLinks() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  store.run("INSERT INTO site (name) VALUES ('www')");
  return { links: new Links(store, 1), written: vi.spyOn(store, 'run') };
}

test('where a page links to is kept in its order, and of a target that it names twice the first', async () => {
  const { links } = await openLinks();
  links.set(page, refs('b', 'a/', '写真', 'b', '"😀"', 'c'));
  expect(links.of(page)).toEqual(refs('b', 'a/', '写真', '"😀"', 'c'));
  links.set(page, refs('c', 'b'));
  expect(links.of(page)).toEqual(['c', 'b']);
  links.set(page, undefined);
  expect(links.of(page)).toEqual([]);
});

test('a page that links to what it linked to before writes nothing of it, and the links of another page are one statement', async () => {
  const { links, written } = await openLinks();
  const menu = refs(...Array.from({ length: 900 }, (_, index) => `docs/page-${index}.html`));
  links.set(page, menu);
  expect(written).toHaveBeenCalledTimes(1);
  links.set(page, [...menu]);
  expect(written).toHaveBeenCalledTimes(1);
  expect(links.of(page)).toEqual(menu);
});
