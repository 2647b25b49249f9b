import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give out by themselves: nobody takes one between the look and its use by chance. */
const FIRST = 10_000;
const COUNT = 20_000;

/** A port on loopback that nothing listens at: for installs that must be found again after a restart. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    const taken = once(server, 'error').then(() => true);
    const free = once(server, 'listening').then(() => false);
    server.listen(port, '127.0.0.1');
    if (await Promise.race([taken, free])) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
