import type { z } from 'zod';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { LINK_PROTOCOL, pairCheckReply } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { connectPinned } from './connect.ts';
import { decodePairingCode, type PairingCode } from './pairing-code.ts';
import { postJson } from './post-json.ts';
import { probe } from './probe.ts';

type Checked = CallResult<'pairing.check'>;

/**
 * What a pairing code says, whether the master answers at one of its addresses, from this machine and at this moment, and whether
 * it would take the code. Uses nothing up and writes nothing. Throws `pair.bad-code`, `pair.expired`, `pair.used`, `pair.refused`.
 */
export async function checkCode(text: string, now: Millis): Promise<Checked> {
  return look(decodePairingCode(text), now);
}

/** Whether there is a master that would take it, as far as that can be known: before anything is done for it. Throws `link.*` and as `checkCode`. */
export async function requireTaken(code: PairingCode, now: Millis): Promise<void> {
  const { addresses, reached } = await look(code, now);
  if (reached !== null) return;
  const why = addresses.findLast(({ error }) => error)?.error;
  throw why ? AppError.fromJSON(why) : new AppError('pair.bad-code');
}

async function look({ site, fingerprint, secret, expiresAt, addresses }: PairingCode, now: Millis): Promise<Checked> {
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
  const isOld = expiresAt < now;
  if (reached !== undefined) await requireGood(reached, fingerprint, secret, isOld);
  // Nobody is there to ask, and by this machine's clock it is of no use any more.
  else if (isOld) throw new AppError('pair.expired');
  return { site, master: fingerprint, expiresAt, addresses: looked, reached: reached ?? null };
}

/** Throws what the master says of the code. One that cannot say it, as an older one, or does not answer, is not known to refuse it. */
async function requireGood(address: string, fingerprint: string, secret: string, isOld: boolean): Promise<void> {
  const reply = await ask(address, fingerprint, secret).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  });
  if (reply?.ok !== false || !reply.error.code.startsWith('pair.')) return;
  // Of one that is too old the master may know nothing any more.
  throw isOld && reply.error.code === 'pair.refused' ? new AppError('pair.expired') : AppError.fromJSON(reply.error);
}

async function ask(address: string, fingerprint: string, secret: string): Promise<z.output<typeof pairCheckReply>> {
  const socket = await connectPinned(address, fingerprint, {});
  try {
    const body = { protocol: LINK_PROTOCOL, secret };
    return await postJson({ socket, address, path: '/pair/check', body, reply: pairCheckReply });
  } finally {
    socket.destroy();
  }
}
