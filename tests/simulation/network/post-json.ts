import { AppError } from '../../../shared/errors/app-error.ts';
import type { SimulatedSocket } from './socket.ts';

/** In the place of the HTTP request that asks whether an invitation would be taken. */
interface Post {
  readonly socket: SimulatedSocket;
  readonly address: string;
  readonly body: { readonly secret: string };
}

export function postJson({ socket, address, body }: Post): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.end.onMessage = resolve;
    socket.end.onClosed = () => reject(new AppError('link.lost', { address }));
    socket.end.send({ kind: 'check', secret: body.secret }, 300);
  });
}
