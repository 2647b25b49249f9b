import { references } from '../../../shared/contract/primitives.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Target, Want, WantState } from '../core/want.ts';
import type { Row } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull } from './rows.ts';

export function toWant(row: Row): Want {
  const kind = text(row['kind']);
  const error = textOrNull(row['error']);
  return {
    path: toPath(row['path']),
    target: kind === 'file' ? toFile(row) : { kind: kind === 'dir' ? 'dir' : 'gone' },
    seq: int(row['seq']),
    transfer: int(row['transfer']),
    part: row['part'] === 1,
    state: text(row['state']) as WantState,
    attempts: int(row['attempts']),
    nextAt: optionalInt(row['next_at']) ?? null,
    error: error === null ? null : (JSON.parse(error) as ErrorJson),
    since: int(row['since']),
    changedAt: int(row['changed_at']),
    release: optionalInt(row['release']) ?? null,
    forced: row['forced'] === 1,
    staged: textOrNull(row['staged'] ?? null),
  };
}

function toFile(row: Row): Extract<Target, { kind: 'file' }> {
  const content = { size: int(row['size']), mtime: int(row['mtime']), sha256: text(row['sha256']) };
  if (row['refs'] === null) return { kind: 'file', ...content };
  return { kind: 'file', ...content, refs: references.parse(JSON.parse(text(row['refs']))) };
}

/** A want that nothing has been done for yet. */
export function newWant(at: Millis): Omit<Want, 'path' | 'target' | 'seq' | 'transfer'> {
  return {
    part: false,
    state: 'queued',
    attempts: 0,
    nextAt: null,
    error: null,
    since: at,
    changedAt: at,
    release: null,
    forced: false,
    staged: null,
  };
}
