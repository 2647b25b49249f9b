import type { PairReply, PairRequest } from '../../../shared/contract/link.ts';
import { LINK_PROTOCOL } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { connectTls } from './connect.ts';

/** In the place of the HTTP request with which an invitation is redeemed. */
interface JoinOptions {
  readonly code: { readonly addresses: readonly string[]; readonly fingerprint: string; readonly secret: string };
  readonly identity: { readonly id: string; readonly key: string; readonly cert: string };
  readonly node: PairRequest['node'];
  readonly pairing?: PairRequest['pairing'];
  readonly link?: PairRequest['link'];
}

export async function joinMaster({ code, identity, node, pairing, link }: JoinOptions) {
  const address = code.addresses[0] ?? '';
  const { socket, certificate } = await connectTls(address, { identity });
  if (certificate.id !== code.fingerprint) throw new AppError('link.certificate', { address });
  const reply = await new Promise<PairReply>((resolve, reject) => {
    socket.end.onMessage = (message) => resolve(message as PairReply);
    socket.end.onClosed = () => reject(new AppError('link.lost', { address }));
    const request = {
      protocol: LINK_PROTOCOL,
      secret: code.secret,
      node,
      ...(pairing && { pairing }),
      ...(link && { link }),
    };
    socket.end.send({ kind: 'pair', request }, 500);
  });
  socket.destroy();
  if (!reply.ok) throw AppError.fromJSON(reply.error);
  return { reply, masterCertificate: certificate.pem, address };
}
