import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** The system gives those above to whoever asks for any port: one of them could be another listener's by the time it is used. */
const OWN_PORTS = { from: 20_000, to: 32_000 };

/** `wanted` where nothing listens there on any address, else a port that is free now. */
export async function freePort(wanted: number): Promise<number> {
  return (
    (await tryPort(wanted)) ?? (await tryPort(randomInt(OWN_PORTS.from, OWN_PORTS.to))) ?? (await tryPort(0)) ?? wanted
  );
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
