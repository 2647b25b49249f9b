import { parseReferences } from '../../electron/engine/references/references.ts';
import type { SiteUrls } from '../../electron/engine/references/resolve.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';

/** The references of a document, one a line: `asset a/b.png`, `page docs/`; the limit that was hit stands last, as `cut: count`. */
export function referenceLines(path: string, content: string | Uint8Array, urls: Partial<SiteUrls> = {}): string[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const { references, cut } = parseReferences(unwrap(parseSitePath(path)), bytes, { bases: [], ...urls });
  const lines = references.map((found) => `${found.need} ${found.path}${found.folder ? '/' : ''}`);
  return cut === undefined ? lines : [...lines, `cut: ${cut}`];
}
