import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePairingCode, encodePairingCode } from '../../electron/engine/link/pairing-code.ts';

const codes = fc.record({
  addresses: fc.array(
    fc.tuple(fc.domain(), fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`),
    { minLength: 1, maxLength: 8 },
  ),
  fingerprint: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  secret: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  expiresAt: fc.nat(Number.MAX_SAFE_INTEGER),
  site: fc.stringMatching(/^[a-zぁ-ん0-9][a-zぁ-ん0-9._-]{0,40}$/u),
});

test('any code is read as it was written', () => {
  fc.assert(
    fc.property(codes, (code) => {
      expect(decodePairingCode(encodePairingCode(code))).toEqual(code);
    }),
  );
});

test('any one character that is wrong is noticed, and is not taken for an old code', () => {
  fc.assert(
    fc.property(codes, fc.nat(), fc.constantFrom('a', 'z', 'A', 'Z', '0', '9', '-', '_'), (code, place, character) => {
      const text = encodePairingCode(code);
      const at = place % text.length;
      fc.pre(text[at] !== character);
      const wrong = text.slice(0, at) + character + text.slice(at + 1);
      expect(() => decodePairingCode(wrong)).toThrow(expect.objectContaining({ code: 'pair.bad-code' }));
    }),
  );
});
