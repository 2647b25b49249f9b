import { decodePairingCode, encodePairingCode } from '../../../electron/engine/link/pairing-code.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Random } from '../random.ts';
import { demand, type FuzzTarget } from '../target.ts';

const TOKENS = ['lockstep1-', ' ', '\n', '=', '+', '/', '-', '_', '\0', 'é', '[[', '"', '\ud800', 'A'.repeat(5000)];
const VALUES: unknown[] = [null, [], {}, '', 'x'.repeat(10_000), -1, 1e308, 0.5, true, ['a:1'], '../x', '\0', [[[[]]]]];

/** A pairing code as somebody types it, or makes it to harm. The check characters of most are right. */
export const pairing: FuzzTarget<string> = {
  name: 'pairing',
  shortRun: 1000,
  generate(random) {
    const whole = encodePairingCode({
      addresses: ['mirror.example.org:2122', '192.0.2.1:2122', '[2001:db8::1]:1'].slice(0, 1 + random.below(3)),
      fingerprint: 'ab'.repeat(32),
      secret: Buffer.from(random.bytes(16), 'latin1').toString('base64url').padEnd(22, 'A'),
      expiresAt: random.below(2 ** 31) * 1000,
      site: random.pick(['www', '日本', 'a.b-c']),
    });
    if (random.chance(0.4)) return random.mutate(whole, TOKENS);
    return encodeAnything(random);
  },
  start: () =>
    Promise.resolve({
      attempt(text) {
        try {
          const code = decodePairingCode(text);
          demand(/^[0-9a-f]{64}$/.test(code.fingerprint), 'a fingerprint that is none');
          demand(code.addresses.length > 0 && code.addresses.length <= 8, 'too many addresses');
          demand(!/[\s/\0]/.test(code.site), 'a site that is no name');
          const again = decodePairingCode(encodePairingCode(code));
          demand(JSON.stringify(again) === JSON.stringify(code), 'a code that is read is not what is written');
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          demand(error.code === 'pair.bad-code', error.code);
        }
      },
      verify() {},
      stop: () => Promise.resolve(),
    }),
};

/** Any five values under a right check: what a hostile code can hold. */
function encodeAnything(random: Random): string {
  const fields: unknown[] = [['example.org:1'], 'ab'.repeat(32), 'A'.repeat(22), 9e12, 'www'];
  for (const at of fields.keys()) if (random.chance(0.3)) fields[at] = random.pick(VALUES);
  if (random.chance(0.1)) fields.pop();
  if (random.chance(0.1)) fields.push(random.pick(VALUES));
  const [addresses, fingerprint, secret, expiresAt, site] = fields;
  try {
    return encodePairingCode({ addresses, fingerprint, secret, expiresAt, site } as Parameters<
      typeof encodePairingCode
    >[0]);
  } catch {
    return 'lockstep1-';
  }
}
