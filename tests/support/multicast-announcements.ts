import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
  type Announcement,
  isSignedBy,
  open,
  readAnnouncement,
  readEnvelope,
  SECRET_BYTES,
  type SiteSeal,
} from '../../electron/engine/link/multicast/datagram.ts';
import type { Change, Content } from '../../shared/domain/change.ts';
import { referenceTo } from '../../shared/domain/reference.ts';
import { parseSitePath, type SitePath } from '../../shared/domain/site-path.ts';

export const JOURNAL = '0123456789abcdef0123456789abcdef';

/** A master's key as its identity has it. */
export function signingKeys(): { signKey: KeyObject; verifyKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { signKey: privateKey, verifyKey: createPublicKey(privateKey) };
}

export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** All that a receiver does with one datagram, without its memory of earlier ones. */
export function openWhole(bytes: Buffer, seal: SiteSeal, verifyKey: KeyObject): Announcement | undefined {
  const envelope = readEnvelope(bytes);
  if (envelope === undefined || envelope.tag !== seal.tag) return undefined;
  const opened = open(envelope, seal);
  return opened !== undefined && isSignedBy(opened, verifyKey) ? readAnnouncement(opened) : undefined;
}

export function mkdirOf(seq: number, path = `folder-${seq}`): Change {
  return { op: 'mkdir', seq, at: 1_700_000_000_000 + seq, path: sitePathOf(path) };
}

export function announcementOf(change: Change, journal = JOURNAL): Announcement {
  return { kind: 'change', journal, change };
}

export function sitePathOf(raw: string): SitePath {
  const parsed = parseSitePath(raw);
  if (!parsed.ok) throw new Error(`not a path within a site: ${raw}`);
  return parsed.value;
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length });

const millis = fc.integer({ min: -8.64e15, max: 8.64e15 });

const path: fc.Arbitrary<SitePath> = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 12 })
  .map((names) => parseSitePath(names.join('/')))
  .filter((parsed) => parsed.ok && parsed.value !== '')
  .map((parsed) => (parsed as { value: SitePath }).value);

const reference = fc.tuple(path, fc.boolean()).map(([to, isFolder]) => referenceTo(to, isFolder));

const content: fc.Arbitrary<Content> = fc.record(
  {
    size: fc.nat(Number.MAX_SAFE_INTEGER),
    mtime: millis,
    sha256: hex(64),
    refs: fc.array(reference, { maxLength: 20 }),
  },
  { requiredKeys: ['size', 'mtime', 'sha256'] },
);

const head = {
  seq: fc.nat(Number.MAX_SAFE_INTEGER),
  at: millis,
  path,
  release: fc.option(
    fc.record({ last: fc.nat(Number.MAX_SAFE_INTEGER), together: fc.boolean() }, { requiredKeys: ['last'] }),
    { nil: undefined },
  ),
};

const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(fc.record({ op: fc.constant('put' as const), ...head }), content)
    .map(([put, what]): Change => ({ ...put, ...what })),
  fc.record({ op: fc.constantFrom('mkdir' as const, 'delete' as const, 'rmdir' as const), ...head }),
  fc.record({ op: fc.constant('rename' as const), ...head, from: path, kind: fc.constant('dir' as const) }),
  fc.record({ op: fc.constant('rename' as const), ...head, from: path, kind: fc.constant('file' as const), content }),
);

export const anyAnnouncement: fc.Arbitrary<Announcement> = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), journal: hex(32), change }),
  fc.record({
    kind: fc.constantFrom('head' as const, 'byLink' as const),
    journal: hex(32),
    seq: fc.nat(Number.MAX_SAFE_INTEGER),
  }),
);
