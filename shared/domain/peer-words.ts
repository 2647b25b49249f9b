import type { WaitingItem } from '../contract/status.ts';
import type { Place } from '../errors/speaker.ts';
import type { Millis } from './change.ts';
import type { Reason } from './explain-peer.ts';

/** How numbers and times are written where the reasons are told, and of whom they are told. */
export interface PeerWords {
  readonly peer: string;
  /** Of this install: a master tells of a mirror, a mirror of itself and its master. */
  readonly role: 'master' | 'mirror';
  readonly place: Place;
  readonly now: Millis;
  number(value: number): string;
  bytes(value: number): string;
  duration(millis: number): string;
  ago(at: Millis): string;
  clock(at: Millis): string;
}

export interface ReasonTexts {
  sentence(reason: Reason, words: PeerWords): string;
  /** A few words, for a list. */
  short(reason: Reason, words: PeerWords): string;
}

/** What it is about, with a colon behind it; nothing where it is about no single file. */
export function waitingPath({ path, files = 1 }: WaitingItem): string {
  if (path === undefined) return '';
  return files > 1 ? `${path} (+${files - 1}): ` : `${path}: `;
}
