import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DATAGRAM_BYTES_MAX, seal, siteSeal } from '../../electron/engine/link/multicast/datagram.ts';
import { anyAnnouncement, newSecret, openWhole, signingKeys } from '../support/multicast-announcements.ts';

const { signKey, verifyKey } = signingKeys();
const site = siteSeal(newSecret());
/** 48 bits. */
const STAMP_MAX = 2 ** 48 - 1;
const anyStamp = fc.record({ epoch: fc.nat(STAMP_MAX), counter: fc.nat(STAMP_MAX) });

/** A change may be too large for a datagram. */
const sealed = fc
  .record({ announcement: anyAnnouncement, stamp: anyStamp })
  .map(({ announcement, stamp }) => ({ announcement, stamp, bytes: seal(announcement, site, signKey, stamp) }));

test('what is sealed fits a datagram and is opened as it was', () => {
  fc.assert(
    fc.property(sealed, ({ announcement, bytes }) => {
      if (bytes === undefined) {
        expect(JSON.stringify(announcement).length).toBeGreaterThan(500);
        return;
      }
      expect(bytes.length).toBeLessThanOrEqual(DATAGRAM_BYTES_MAX);
      expect(openWhole(bytes, site, verifyKey)).toEqual(announcement);
    }),
    { numRuns: 500 },
  );
});

test('heads, and changes that go by the link, always fit', () => {
  fc.assert(
    fc.property(sealed, ({ announcement, bytes }) => {
      if (announcement.kind !== 'change') expect(bytes).toBeDefined();
    }),
  );
});

test('one bit that is another and nothing is heard', () => {
  fc.assert(
    fc.property(sealed, fc.nat(), ({ bytes }, at) => {
      if (bytes === undefined) return;
      const bit = at % (bytes.length * 8);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(openWhole(bytes, site, verifyKey)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('every single bit of one datagram counts', () => {
  const head = { kind: 'head', journal: 'f'.repeat(32), seq: 7 } as const;
  const bytes = seal(head, site, signKey, { epoch: 1, counter: 2 }) ?? Buffer.alloc(0);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(openWhole(damaged, site, verifyKey)).toBeUndefined();
  }
  expect(openWhole(bytes, site, verifyKey)).toEqual(head);
});

test('any bytes are refused without a throw, also behind a right tag', () => {
  const anyBytes = fc.uint8Array({ maxLength: 2 * DATAGRAM_BYTES_MAX }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(anyBytes, fc.boolean(), (bytes, isAimed) => {
      if (isAimed && bytes.length > 9) {
        bytes.writeUInt8(1, 0);
        bytes.write(site.tag, 1, 'hex');
      }
      expect(openWhole(bytes, site, verifyKey)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('a piece of a datagram, or one with more behind it, is refused', () => {
  fc.assert(
    fc.property(sealed, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 }), ({ bytes }, at, more) => {
      if (bytes === undefined) return;
      expect(openWhole(bytes.subarray(0, at % bytes.length), site, verifyKey)).toBeUndefined();
      expect(openWhole(Buffer.concat([bytes, more]), site, verifyKey)).toBeUndefined();
    }),
  );
});

test('who has the secret but not the key of the master is not heard, nor is who has the key but not the secret', () => {
  const other = signingKeys();
  const elsewhere = siteSeal(newSecret());
  fc.assert(
    fc.property(anyAnnouncement, anyStamp, (announcement, stamp) => {
      const forged = seal(announcement, site, other.signKey, stamp);
      const outside = seal(announcement, { tag: site.tag, key: elsewhere.key }, signKey, stamp);
      for (const bytes of [forged, outside])
        if (bytes !== undefined) expect(openWhole(bytes, site, verifyKey)).toBeUndefined();
    }),
  );
});
