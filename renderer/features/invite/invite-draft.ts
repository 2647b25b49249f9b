import type { CallParams } from '../../../shared/contract/calls.ts';
import { parseOutside } from '../../ui/outside-address.ts';

export const periods = { ten: 600, hour: 3600, day: 86_400, week: 7 * 86_400 } as const;
export type Period = keyof typeof periods;

/** What a person chooses before a code is made. */
export interface InviteDraft {
  readonly period: Period;
  /** `all`; one that is offered; or `other`. */
  readonly address: string;
  readonly other: string;
}

export const NO_CHOICE: InviteDraft = { period: 'ten', address: 'all', other: '' };
/** The usual port of links, where none was typed. */
const LINK_PORT = 2122;

/** Undefined: the address that was typed is none. */
export function inviteParams(site: string, draft: InviteDraft): CallParams<'pairing.invite'> | undefined {
  const params = { site, expiresSeconds: periods[draft.period] };
  if (draft.address === 'all') return params;
  const address = parseOutside(draft.address === 'other' ? draft.other : draft.address, LINK_PORT);
  return address && { ...params, address };
}

/** `9:41`, `1:02:03`. */
export function countdownText(millis: number): string {
  const seconds = Math.max(0, Math.ceil(millis / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
