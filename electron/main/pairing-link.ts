/** `lockstep:CODE`, as mail and pages write it; the engine says whether the code is right, and a person whether it is used. */
export const LINK_SCHEME = 'lockstep';

/** No code of eight addresses is as long. */
const LINK_LENGTH_MAX = 4096;
const LINK = /^lockstep:(?:\/\/)?(lockstep1-[\w-]{16,})\/?$/;

/** The pairing code of a link; undefined for anything else, which is passed over. */
export function codeOfLink(link: unknown): string | undefined {
  if (typeof link !== 'string' || link.length > LINK_LENGTH_MAX) return undefined;
  return LINK.exec(link)?.[1];
}
