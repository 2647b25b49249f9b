import type { ErrorJson } from '../errors/app-error.ts';

/** Of a `configFault`: only a listener could not go where the config says. All else of the config is in force. */
export function isListenFault({ code }: ErrorJson): boolean {
  return code.startsWith('port.');
}
