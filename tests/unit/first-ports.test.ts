import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../electron/entry/free-port.ts';

test('in the place of a port that is taken comes none that the system gives to whoever asks for any', async () => {
  const taken = createServer().listen(0, '0.0.0.0');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  for (let time = 0; time < 5; time += 1) {
    const free = await freePort(port);
    expect(free).toBeGreaterThanOrEqual(20_000);
    expect(free).toBeLessThan(32_000);
  }
});
