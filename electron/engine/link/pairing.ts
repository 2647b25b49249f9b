import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { LINK_PROTOCOL, type PairReply, pairReply, type PairRequest } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { shownCertificate } from './certificate.ts';
import { connectPinned, splitAddress } from './connect.ts';
import type { Identity } from './identity.ts';
import type { PairingCode } from './pairing-code.ts';

const REPLY_BYTES_MAX = 64 * 1024;
const REPLY_MILLIS = 20_000;

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
    const reply = await post(socket, address, {
      protocol: LINK_PROTOCOL,
      secret: code.secret,
      node,
      ...(pairing !== undefined && { pairing }),
      ...(link === undefined ? {} : { link }),
    });
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

function post(socket: TLSSocket, address: string, body: PairRequest): Promise<PairReply> {
  const { host } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const lost = (error?: unknown): void => reject(new AppError('link.lost', { address }, error));
    const sent = request(
      {
        method: 'POST',
        path: '/pair',
        host,
        createConnection: () => socket,
        headers: { 'Content-Type': 'application/json', Connection: 'close' },
        timeout: REPLY_MILLIS,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > REPLY_BYTES_MAX) response.destroy(new Error('too long'));
        });
        response.on('error', lost);
        response.on('end', () => {
          const parsed = pairReply.safeParse(parseJson(text));
          if (parsed.success) resolve(parsed.data);
          else reject(new AppError('link.foreign', { address }, parsed.error));
        });
      },
    );
    sent.on('timeout', () => {
      reject(new AppError('link.timeout', { address }));
      sent.destroy();
    });
    sent.on('error', lost);
    sent.end(JSON.stringify(body));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
