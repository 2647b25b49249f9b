import type { TLSSocket } from 'node:tls';
import { LINK_PROTOCOL, type PairReply, pairReply, type PairRequest } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { shownCertificate } from './certificate.ts';
import { connectPinned } from './connect.ts';
import type { Identity } from './identity.ts';
import type { PairingCode } from './pairing-code.ts';
import { postJson } from './post-json.ts';

export interface JoinOptions {
  readonly code: PairingCode;
  readonly identity: Identity;
  readonly node: PairRequest['node'];
  /** What this install will call the pairing. */
  readonly pairing?: PairRequest['pairing'];
  /** Where the master may dial this install; absent: this install dials. */
  readonly link?: PairRequest['link'];
}

export interface Joined {
  readonly reply: Extract<PairReply, { ok: true }>;
  /** PEM, to be pinned from now on. */
  readonly masterCertificate: string;
  /** The address of the code at which the master answered. */
  readonly address: string;
}

/**
 * Redeems a pairing code: connects to the first of its addresses at which the right certificate is shown.
 * Rejects `link.*` (the last address's failure), and what the master says: `pair.*`.
 */
export async function joinMaster({ code, identity, node, pairing, link }: JoinOptions): Promise<Joined> {
  const { socket, address } = await connectFirst(code, identity);
  try {
    const certificate = shownCertificate(socket);
    if (!certificate) throw new AppError('link.certificate', { address });
    const body: PairRequest = {
      protocol: LINK_PROTOCOL,
      secret: code.secret,
      node,
      ...(pairing !== undefined && { pairing }),
      ...(link === undefined ? {} : { link }),
    };
    const reply = await postJson({ socket, address, path: '/pair', body, reply: pairReply });
    if (!reply.ok) throw AppError.fromJSON(reply.error);
    if (reply.node.id !== certificate.id) throw new AppError('link.certificate', { address });
    return { reply, masterCertificate: certificate.pem, address };
  } finally {
    socket.destroy();
  }
}

async function connectFirst(code: PairingCode, identity: Identity): Promise<{ socket: TLSSocket; address: string }> {
  let failure: unknown = new AppError('pair.bad-code');
  for (const address of code.addresses) {
    try {
      return { socket: await connectPinned(address, code.fingerprint, { identity }), address };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      failure = error;
    }
  }
  throw failure;
}
