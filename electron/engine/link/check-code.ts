import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { decodePairingCode } from './pairing-code.ts';
import { probe } from './probe.ts';

type Checked = CallResult<'pairing.check'>;

/**
 * What a pairing code says, and whether the master answers at one of its addresses, from this machine and at this moment. Uses
 * nothing up and writes nothing. Throws `pair.bad-code`, `pair.expired`.
 */
export async function checkCode(text: string, now: Millis): Promise<Checked> {
  const { site, fingerprint, expiresAt, addresses } = decodePairingCode(text, now);
  const found = new AbortController();
  const looked = await Promise.all(
    addresses.map(async (address): Promise<Checked['addresses'][number]> => {
      try {
        await probe(address, fingerprint, found.signal);
        found.abort();
        return { address, answers: true };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        // One that was still being looked at when another answered is not known to be wrong.
        if (error.code === 'cancelled') return { address, answers: false };
        return { address, answers: false, error: error.toJSON() };
      }
    }),
  );
  const reached = looked.find(({ answers }) => answers)?.address;
  return { site, master: fingerprint, expiresAt, addresses: looked, reached: reached ?? null };
}
