import { type ErrorJson, type ErrorParams, isErrorCode } from '../errors/app-error.ts';
import { fill, forInstall, type Place } from '../errors/speaker.ts';

/** What a check may find. Failures that have a code of their own are told by that one. */
export type FindingCode =
  | 'config-right'
  | 'database-opens'
  | 'listens'
  | 'silent'
  | 'can-listen'
  | 'link-moves'
  | `clock-${'future' | 'differs' | 'agrees' | 'unknown' | 'before'}`
  | `peer-${'open' | 'dials' | 'has-not-dialled' | 'answers' | 'paused'}`
  | `version-${'same' | 'differs' | 'unknown'}`
  | `names-${'clash' | 'unsupported'}`
  | `ftp-${'hands-out' | 'untried'}`
  | 'mirror-fetches'
  | `passive-${'loopback' | 'any' | 'few' | 'range'}`
  | `watch-${'allows' | 'unknown' | 'few'}`
  | `data-folder-${'private' | 'open'}`
  | 'certificate-expires'
  | `identity-${'at-start' | 'readable' | 'broken' | 'expired' | 'expires' | 'valid'}`
  | `folder-${'other-disk' | 'unwritable' | 'writable' | 'mask'}`
  | `disk-${'free' | 'low' | 'unflushed'}`
  | `multicast-${'sends' | 'hears'}`;

/** How it stands, and where it is not right, what to do (third: in the app). Templates as in `errors/speaker.ts`. */
export type FindingTexts = Readonly<Record<FindingCode, readonly [what: string, mend?: string, mendInApp?: string]>>;

export interface Told {
  readonly code: string;
  readonly params: ErrorParams;
}

/** The sentences for a finding; `error` tells those that have the code of a failure. Undefined: a code of another version. */
export function tellFinding(
  told: Told,
  texts: FindingTexts,
  error: (error: ErrorJson) => { what: string; mend: string },
  place: Place,
  same = '',
): { what: string; mend?: string } | undefined {
  const { code } = told;
  if (Object.hasOwn(texts, code)) {
    const [what, mend, mendInApp] = texts[code as FindingCode];
    const { params } = forInstall(told, same);
    const chosen = place === 'app' ? (mendInApp ?? mend) : mend;
    return { what: fill(what, params), ...(chosen !== undefined && { mend: fill(chosen, params) }) };
  }
  return isErrorCode(code) ? error({ code, params: told.params }) : undefined;
}
