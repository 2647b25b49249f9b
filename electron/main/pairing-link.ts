/** `lockstep:CODE`, as mail and pages write it; the engine says whether the code is right, and a person whether it is used. */
export const LINK_SCHEME = 'lockstep';

/** No code of eight addresses is as long. */
const LINK_LENGTH_MAX = 4096;
const LINK = /^lockstep:(?:\/\/)?(lockstep1-[\w-]{16,})\/?$/;
/** Where a code is asked for it says “not a whole code”, and what to do. */
const NO_WHOLE_CODE = 'lockstep1-';

/** The pairing code of a link: of a broken one no part is shown, but that it is not whole. Undefined for what is no link of ours. */
export function codeOfLink(link: unknown): string | undefined {
  if (typeof link !== 'string' || !link.startsWith(`${LINK_SCHEME}:`)) return undefined;
  return (link.length <= LINK_LENGTH_MAX && LINK.exec(link)?.[1]) || NO_WHOLE_CODE;
}
