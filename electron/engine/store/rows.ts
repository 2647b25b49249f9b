import type { SQLOutputValue } from 'node:sqlite';
import type { Change, Entry, ReleaseTag } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { defined } from '../core/defined.ts';
import type { Row } from './open.ts';

/** Columns of rows that our own statements wrote: a wrong type is a bug, not an input. */
export function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError(`expected text, found ${typeof value}`);
  return value;
}

export function int(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'number') throw new TypeError(`expected a number, found ${typeof value}`);
  return value;
}

export function bytes(value: SQLOutputValue | undefined): Buffer {
  if (!(value instanceof Uint8Array)) throw new TypeError(`expected bytes, found ${typeof value}`);
  return Buffer.from(value);
}

export function textOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null ? null : text(value);
}

export function optionalInt(value: SQLOutputValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : int(value);
}

export function path(value: SQLOutputValue | undefined): SitePath {
  return text(value) as SitePath;
}

export function toEntry(row: Row): Entry {
  const kind = text(row['kind']);
  const head = { path: path(row['path']), seq: int(row['seq']) };
  if (kind === 'file') {
    return { kind, ...head, size: int(row['size']), mtime: int(row['mtime']), sha256: text(row['sha256']) };
  }
  return kind === 'dir' ? { kind, ...head } : { kind: 'gone', ...head };
}

/** Of a row with the columns `release` and `together` (0 or 1). */
export function toReleaseTag(row: Row): ReleaseTag | undefined {
  const last = optionalInt(row['release']);
  if (last === undefined) return undefined;
  return row['together'] === 1 ? { last, together: true } : { last };
}

/** A row of the journal, with the column `together` of its release. */
export function toChange(row: Row): Change {
  const release = toReleaseTag(row);
  const head = defined({ seq: int(row['seq']), at: int(row['at']), path: path(row['path']), release });
  const op = text(row['op']);
  switch (op) {
    case 'put':
      return { op, ...head, size: int(row['size']), mtime: int(row['mtime']), sha256: text(row['sha256']) };
    case 'rename':
      return defined({
        op,
        ...head,
        from: path(row['origin']),
        kind: text(row['kind']) === 'dir' ? ('dir' as const) : ('file' as const),
        content:
          row['sha256'] === null
            ? undefined
            : { size: int(row['size']), mtime: int(row['mtime']), sha256: text(row['sha256']) },
      });
    case 'mkdir':
    case 'delete':
    case 'rmdir':
      return { op, ...head };
    default:
      throw new TypeError(`unknown op ${op}`);
  }
}
