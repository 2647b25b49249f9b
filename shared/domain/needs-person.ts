import type { WaitingItem } from '../contract/status.ts';
import { errorCodes } from '../errors/codes.ts';

/** True where it does not go on without somebody; all else goes on by itself when what it waits for has come. */
export function needsPerson({ kind, error }: WaitingItem): boolean {
  return kind === 'failing' || kind === 'delete-guard' || errorCodes[error.code] === 'never';
}
