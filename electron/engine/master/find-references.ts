import { readFile, stat } from 'node:fs/promises';
import { type Reference, referenceTo } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Logger } from '../ports.ts';
import { documentKind } from '../references/document-kind.ts';
import { REFERENCE_LIMITS } from '../references/limits.ts';
import { parseReferences } from '../references/references.ts';

/** Reads a document once, when it is published, and finds where it links to within its site; undefined: nowhere. Never rejects. */
export type ReferenceFinder = (path: SitePath, absolute: string) => Promise<readonly Reference[] | undefined>;

export function createReferenceFinder(urls: () => readonly string[], logger: Logger): ReferenceFinder {
  return async (path, absolute) => {
    if (documentKind(path) === undefined) return undefined;
    try {
      const { size } = await stat(absolute);
      if (size > REFERENCE_LIMITS.documentBytes) {
        logger.info({ path, size }, 'too large to look for links in it');
        return undefined;
      }
      const { references, cut } = parseReferences(path, await readFile(absolute), { bases: urls() });
      if (cut !== undefined) logger.info({ path, cut }, 'not all of its links are known');
      return references.length === 0 ? undefined : references.map((found) => referenceTo(found.path, found.folder));
    } catch (error) {
      // A file that cannot be read is published all the same: whoever puts it in place finds out what is wrong.
      logger.warn({ err: error, path }, 'its links are not known');
      return undefined;
    }
  };
}
