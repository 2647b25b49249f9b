import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';

const OTHER = RESERVED_FOLDER.toUpperCase();

/**
 * Whether the disk of a site takes names that differ in upper and lower case only for the same, and whether a real path there has names
 * as they are on the disk, or by the name that was asked for. What tells is that our own folder answers to another spelling that
 * no list of names has: its number tells nothing, as many file systems of networks and FUSE give each spelling one of its own.
 */
export function foldsCase(folder: string): 'as on the disk' | 'by its name' | undefined {
  try {
    const [own, other] = [RESERVED_FOLDER, OTHER].map((name) =>
      statSync(join(folder, name), { bigint: true, throwIfNoEntry: false }),
    );
    if (own === undefined || other === undefined) return undefined;
    const isSame = own.ino === other.ino && own.dev === other.dev;
    if (!isSame && readdirSync(folder).includes(OTHER)) return undefined;
    return realpathSync.native(join(folder, OTHER)).endsWith(OTHER) ? 'by its name' : 'as on the disk';
  } catch {
    return undefined;
  }
}
