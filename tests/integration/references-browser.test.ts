import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseReferences, type Parsed } from '../../electron/engine/references/references.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';
import { type ReferenceBrowser, startReferenceBrowser } from '../support/reference-browser.ts';
import { placesOf, SAMPLE_BASES, SAMPLE_PAGES } from '../support/reference-pages.ts';

let browser: ReferenceBrowser | undefined;
beforeAll(async () => {
  browser = await startReferenceBrowser();
});
beforeEach(({ skip }) => skip(browser === undefined, 'there is no Chromium: set LOCKSTEP_CHROMIUM to one'));
afterAll(() => browser?.stop());

describe('the references of a page are what Chromium loads and links to', () => {
  test.each(SAMPLE_PAGES)('$name', async (page) => {
    const shown = await browser?.show(page);
    const expected = [...placesOf([...(shown?.loaded ?? []), ...(shown?.named ?? [])], page), ...page.notAsked].sort();
    expect(found(page)).toEqual({ cut: undefined, places: expected });
  });
});

test('what stands before the base is loaded from the place of the page', async () => {
  const html = '<link rel=stylesheet href=early.css><img src=early.png><base href="/docs/other/"><img src=late.png>';
  const page = { path: 'a/early.html', html };
  const shown = await browser?.show(page);
  // Where an image lies is worked out a moment after it was read (HTML, “await a stable state”): Chromium may know the base by then, and asks for both.
  const asked = placesOf(shown?.loaded ?? [], page).filter((place) => place !== 'other/early.png');
  expect(found(page)).toEqual({ cut: undefined, places: asked });
});

test('what style sheets load is looked for from their own place', async () => {
  const page = {
    path: 'a/page.html',
    html: '<base href="../b/"><link rel=stylesheet href=../s/one.css><p class=x><p class=y><p class=z>',
  };
  const sheets = {
    's/one.css': '@import "deep/two.css"; @import url("../three.css") screen; .x { background: url(x.png) }',
    's/deep/two.css': '.y { background: url("../y.png") }',
    'three.css': '.z { background: image-set("z.png" 1x) } @import "late.css";',
  };
  const shown = await browser?.show(page, sheets);
  const documents = [page, ...Object.entries(sheets).map(([path, html]) => ({ path, html }))];
  const expected = documents.flatMap((document) => found(document).places).sort();
  expect(placesOf(shown?.loaded ?? [], page)).toEqual(expected);
});

function found(page: { path: string; html: string }): { cut: Parsed['cut']; places: string[] } {
  const urls = { bases: SAMPLE_BASES, formActions: true };
  const { references, cut } = parseReferences(unwrap(parseSitePath(page.path)), Buffer.from(page.html), urls);
  return { cut, places: references.map(({ path, folder }) => (folder ? `${path}/` : path)).sort() };
}
