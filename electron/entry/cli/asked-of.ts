import type { ErrorJson } from '../../../shared/errors/app-error.ts';

/** Too many deletes, of a command that takes them when it is given once more. */
export function askedOf({ code, params }: ErrorJson): ErrorJson {
  return { code, params: code === 'guard.held' ? { ...params, flag: '--allow-deletes' } : params };
}
