import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fingerprint, name } from '../../../shared/contract/primitives.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';

/** What one install hands to another, by way of a person, so that they can find and trust each other (SPEC §5). */
export interface PairingCode {
  /** `host:port`, to be tried in this order. */
  readonly addresses: readonly string[];
  /** Of the certificate that will be shown at those addresses. */
  readonly fingerprint: string;
  /** 128 random bits, base64url; good for one pairing. */
  readonly secret: string;
  readonly expiresAt: Millis;
  readonly site: string;
}

const PREFIX = 'lockstep1-';
const CHECK_CHARACTERS = 6;
export const ADDRESSES_MAX = 8;
export const CODE_CHARACTERS_MAX = 8 * 1024;

const fields = z.tuple([
  z.array(z.string().min(3).max(300)).min(1).max(ADDRESSES_MAX),
  fingerprint,
  z.string().regex(/^[\w-]{16,64}$/),
  z.int().min(0),
  name,
]);

/** One line without spaces: prefix, base64url of JSON, and a check that tells a typing mistake from an expired code. */
export function encodePairingCode(code: PairingCode): string {
  const { addresses, fingerprint, secret, expiresAt, site } = code;
  const body = Buffer.from(
    JSON.stringify([addresses.slice(0, ADDRESSES_MAX), fingerprint, secret, expiresAt, site]),
  ).toString('base64url');
  return `${PREFIX}${body}${check(body)}`;
}

/**
 * Throws `pair.bad-code` for anything that is not a whole code. Whether it is too old the master says, by its own clock: this
 * machine's may be wrong.
 */
export function decodePairingCode(text: string): PairingCode {
  if (text.length > CODE_CHARACTERS_MAX) throw new AppError('pair.bad-code');
  // Mail and terminals break long lines, and a code may come as the link that opens the app.
  const compact = text.replace(/\s+/g, '').replace(/^lockstep:(?:\/\/)?(.*?)\/?$/, '$1');
  const rest = compact.startsWith(PREFIX) ? compact.slice(PREFIX.length) : '';
  const body = rest.slice(0, -CHECK_CHARACTERS);
  if (body === '' || check(body) !== rest.slice(-CHECK_CHARACTERS)) throw new AppError('pair.bad-code');
  const parsed = fields.safeParse(parseJson(Buffer.from(body, 'base64url').toString('utf8')));
  if (!parsed.success) throw new AppError('pair.bad-code', {}, parsed.error);
  const [addresses, fingerprint, secret, expiresAt, site] = parsed.data;
  return { addresses, fingerprint, secret, expiresAt, site };
}

function check(body: string): string {
  return createHash('sha256').update(body).digest('base64url').slice(0, CHECK_CHARACTERS);
}
