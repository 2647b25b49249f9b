import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { changeItem } from '../../../../shared/contract/link.ts';
import { journalId, seq } from '../../../../shared/contract/primitives.ts';
import type { Change } from '../../../../shared/domain/change.ts';
import type { Stamp } from './replay-window.ts';

/**
 * One announcement as one UDP datagram: sealed with the site's secret, so that nobody else reads paths off the wire or
 * makes a mirror work, and signed by the master, so that no mirror, which has the secret too, speaks in its name.
 *
 *     0  version        1 byte
 *     1  site tag       8 bytes, derived from the secret
 *     9  epoch          6 bytes: when the sender started, ms  ┐ together the nonce
 *    15  counter        6 bytes: 0, 1, 2 … in its life        ┘ of the seal
 *    21  sealed (AES-256-GCM; bytes 0-20 are authenticated with it):
 *          signature    64 bytes (ECDSA P-256, IEEE P1363), over the label, bytes 0-20, form and announcement
 *          form         1 byte: 0 JSON, 1 JSON in raw DEFLATE (RFC 1951)
 *          announcement
 *     …  GCM tag        16 bytes
 */
export type Announcement =
  | { readonly kind: 'change'; readonly journal: string; readonly change: Change }
  /** There is a change that no datagram holds: the link has it. */
  | { readonly kind: 'byLink'; readonly journal: string; readonly seq: number }
  /** Nothing new: how far the journal is. */
  | { readonly kind: 'head'; readonly journal: string; readonly seq: number };

const announcementJson = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('change'), journal: journalId, change: changeItem }),
  z.object({ kind: z.literal('byLink'), journal: journalId, seq }),
  z.object({ kind: z.literal('head'), journal: journalId, seq }),
]);

/** Fits the smallest IPv6 MTU with its headers and some tunnel (RFC 8200 §5: 1,280 bytes). */
export const DATAGRAM_BYTES_MAX = 1200;
export const SECRET_BYTES = 32;

const VERSION = 1;
const TAG_AT = 1;
const TAG_BYTES = 8;
/** Of the epoch, and of the counter. */
const STAMP_BYTES = 6;
const EPOCH_AT = TAG_AT + TAG_BYTES;
const COUNTER_AT = EPOCH_AT + STAMP_BYTES;
const HEADER_BYTES = COUNTER_AT + STAMP_BYTES;
const SIGNATURE_BYTES = 64;
const SEAL_BYTES = 16;
const OVERHEAD = HEADER_BYTES + SIGNATURE_BYTES + SEAL_BYTES;
const FORM = { json: 0, deflated: 1 } as const;
/** What is larger would not be small enough deflated, and is neither deflated nor inflated. */
const JSON_BYTES_MAX = 16 * 1024;
const CIPHER = 'aes-256-gcm';
/** The same key proves the master in TLS: what is signed here can be taken for nothing else. */
const SIGNED_LABEL = Buffer.from('lockstep multicast announcement 1\0');

/** What a site's secret is used for. */
export interface SiteSeal {
  readonly tag: string;
  readonly key: Buffer;
}

/** The cleartext of a datagram: enough to see whose it is and whether it was here before. Nothing of it is proved yet. */
export interface Envelope extends Stamp {
  readonly tag: string;
  readonly bytes: Buffer;
}

/** What the secret has opened; the signature is not checked yet. */
export interface Opened {
  readonly signature: Buffer;
  readonly signed: Buffer;
  readonly body: Buffer;
}

/** From the secret: `SECRET_BYTES` random bytes, new with each life of the sender (the nonce counts on it). */
export function siteSeal(secret: Buffer): SiteSeal {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`a secret has ${SECRET_BYTES} bytes`);
  const derive = (use: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `lockstep multicast 1 ${use}`, bytes));
  return { tag: derive('site tag', TAG_BYTES).toString('hex'), key: derive('seal', 32) };
}

/** undefined: more than a datagram holds, or a change that the contract does not know: it goes by the link. */
export function seal(
  announcement: Announcement,
  { tag, key }: SiteSeal,
  signKey: KeyObject,
  { epoch, counter }: Stamp,
): Buffer | undefined {
  const told = announcementJson.safeParse(announcement);
  if (!told.success) return undefined;
  const body = bodyOf(Buffer.from(JSON.stringify(told.data)));
  if (body === undefined) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.write(tag, TAG_AT, 'hex');
  header.writeUIntBE(epoch, EPOCH_AT, STAMP_BYTES);
  header.writeUIntBE(counter, COUNTER_AT, STAMP_BYTES);
  const signature = sign('sha256', signedBytes(header, body), { key: signKey, dsaEncoding: 'ieee-p1363' });
  const cipher = createCipheriv(CIPHER, key, nonceOf(header), { authTagLength: SEAL_BYTES }).setAAD(header);
  return Buffer.concat([header, cipher.update(signature), cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

/** undefined: not a datagram of this version. The first look, before any work is done for it. */
export function readEnvelope(bytes: Buffer): Envelope | undefined {
  if (bytes.length <= OVERHEAD || bytes.length > DATAGRAM_BYTES_MAX || bytes[0] !== VERSION) return undefined;
  return {
    tag: bytes.toString('hex', TAG_AT, EPOCH_AT),
    epoch: bytes.readUIntBE(EPOCH_AT, STAMP_BYTES),
    counter: bytes.readUIntBE(COUNTER_AT, STAMP_BYTES),
    bytes,
  };
}

/** undefined: whoever made it does not have the secret, or it was damaged. */
export function open({ bytes }: Envelope, { key }: SiteSeal): Opened | undefined {
  const header = bytes.subarray(0, HEADER_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonceOf(header), { authTagLength: SEAL_BYTES });
  decipher.setAAD(header).setAuthTag(bytes.subarray(-SEAL_BYTES));
  const plain = decipher.update(bytes.subarray(HEADER_BYTES, -SEAL_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  const body = plain.subarray(SIGNATURE_BYTES);
  return { signature: plain.subarray(0, SIGNATURE_BYTES), signed: signedBytes(header, body), body };
}

/** False: not by the master. By far the dearest step. */
export function isSignedBy({ signature, signed }: Opened, verifyKey: KeyObject): boolean {
  return verify('sha256', signed, { key: verifyKey, dsaEncoding: 'ieee-p1363' }, signature);
}

/** undefined: not an announcement, or one of a version that says it otherwise. */
export function readAnnouncement({ body }: Opened): Announcement | undefined {
  try {
    return announcementJson.safeParse(JSON.parse(jsonOf(body).toString())).data;
  } catch {
    return undefined;
  }
}

/** undefined: it does not fit. Most changes fit as they are; the references of a page have much in common. */
function bodyOf(json: Buffer): Buffer | undefined {
  const fits = ({ length }: Buffer): boolean => length < DATAGRAM_BYTES_MAX - OVERHEAD;
  if (fits(json)) return Buffer.concat([Buffer.of(FORM.json), json]);
  if (json.length > JSON_BYTES_MAX) return undefined;
  const deflated = deflateRawSync(json);
  return fits(deflated) ? Buffer.concat([Buffer.of(FORM.deflated), deflated]) : undefined;
}

function jsonOf(body: Buffer): Buffer {
  const rest = body.subarray(1);
  return body[0] === FORM.deflated ? inflateRawSync(rest, { maxOutputLength: JSON_BYTES_MAX }) : rest;
}

/** Never the same twice under one key: the counter grows within a life, the epoch from one life to the next. */
function nonceOf(header: Buffer): Buffer {
  return header.subarray(EPOCH_AT, HEADER_BYTES);
}

function signedBytes(header: Buffer, body: Buffer): Buffer {
  return Buffer.concat([SIGNED_LABEL, header, body]);
}
