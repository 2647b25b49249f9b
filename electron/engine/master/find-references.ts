import { type Reference, referenceTo } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Logger } from '../ports.ts';
import { documentKind } from '../references/document-kind.ts';
import { REFERENCE_LIMITS } from '../references/limits.ts';
import { parseReferences } from '../references/references.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import { SourceFile } from '../tree/source-file.ts';

/**
 * Reads a document once, when it is published, and finds where it links to within its site; undefined: nowhere, or it is gone. Rejects `file.*` where
 * it cannot be read: published without its links it could be shown before what it links to.
 */
export type ReferenceFinder = (path: SitePath, absolute: string) => Promise<readonly Reference[] | undefined>;

export function createReferenceFinder(urls: () => readonly string[], logger: Logger): ReferenceFinder {
  return async (path, absolute) => {
    if (documentKind(path) === undefined) return undefined;
    const document = await readDocument(absolute).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw fileError(error, path);
    });
    if (document === undefined) return undefined;
    if (typeof document === 'number') {
      logger.info({ path, size: document }, 'too large to look for links in it');
      return undefined;
    }
    const { references, cut } = parseReferences(path, document, { bases: urls() });
    if (cut !== undefined) logger.info({ path, cut }, 'not all of its links are known');
    return references.length === 0 ? undefined : references.map((found) => referenceTo(found.path, found.folder));
  };
}

/** Its bytes, or how many there are where they are too many. */
async function readDocument(absolute: string): Promise<Buffer | number> {
  const file = new SourceFile(absolute);
  try {
    const { size } = file.info;
    if (size > REFERENCE_LIMITS.documentBytes) return size;
    const document = Buffer.allocUnsafe(size);
    let done = 0;
    for (let bytes = -1; done < size && bytes !== 0; done += bytes)
      bytes = await file.read(document.subarray(done), size - done, done);
    return document.subarray(0, done);
  } finally {
    file.close();
  }
}
