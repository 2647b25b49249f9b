import { describe, expect, test } from 'vitest';
import { parseReferences } from '../../electron/engine/references/references.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';
import { FROM_CSS, placesOf, SAMPLE_BASES, SAMPLE_PAGES, urlOfPage } from '../support/reference-pages.ts';
import { walkPage } from '../support/reference-tree-walk.ts';

describe('the references of a page are those of its tree', () => {
  test.each(SAMPLE_PAGES)('$name', (page) => {
    const { references, cut } = parseReferences(unwrap(parseSitePath(page.path)), Buffer.from(page.html), {
      bases: SAMPLE_BASES,
      formActions: true,
    });
    const places = references.map(({ path, folder }) => (folder ? `${path}/` : path));
    const found = places.filter((place) => !place.includes(FROM_CSS));
    const expected = placesOf(walkPage(page.html, urlOfPage(page)), page);
    expect({ cut, found: found.sort() }).toEqual({ cut: undefined, found: expected });
  });
});
