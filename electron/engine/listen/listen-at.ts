import type { Server } from 'node:net';
import { listenError } from './listen-error.ts';

/** Resolves once it listens there. Rejects as `listenError` says. */
export function listenAt(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(listenError(error, { host, port }));
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}
