import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { heldBySystem, watchStall } from '../../electron/engine/master/ftp-server/stall.ts';

/** A connection that is quiet at each look, and what the system holds of it then. */
async function looks(held: readonly number[] | undefined, ours: readonly boolean[] = []) {
  let timeout: (() => void) | undefined;
  const set: number[] = [];
  const data = {
    bytesWritten: 1,
    setTimeout(millis: number, listener?: () => void) {
      set.push(millis);
      if (listener) timeout = millis > 0 ? listener : undefined;
    },
  };
  let [look, stalls] = [0, 0];
  const watch = watchStall(data as unknown as Socket, {
    millis: 60_000,
    isOurs: () => ours[look] ?? false,
    held: held && (() => Promise.resolve(held[look] ?? 0)),
    onStall: () => (stalls += 1),
  });
  const quiet = async (): Promise<number> => {
    // As a socket does it: a listener hears one.
    const listener = timeout;
    timeout = undefined;
    listener?.();
    await setImmediate();
    look += 1;
    return stalls;
  };
  return { watch, set, quiet };
}

async function stallsAt(held: readonly number[] | undefined, ours?: readonly boolean[]): Promise<number> {
  const { quiet } = await looks(held, ours);
  for (let look = 1; look <= 20; look += 1) if ((await quiet()) > 0) return look;
  return 0;
}

test('who takes what the system holds for him moves, however slow he is', async () => {
  expect(await stallsAt([5, 5, 5, 5])).toBe(4);
  expect(await stallsAt([5, 5, 5, 4, 4, 4, 4])).toBe(7);
  expect(await stallsAt(Array.from({ length: 20 }, (_, look) => 20 - look))).toBe(0);
  expect((await looks([5])).set).toEqual([15_000]);
});

test('where the system does not tell, or nothing is sent, the time is over at once, and what we wait for ourselves does not count', async () => {
  expect([await stallsAt(undefined), (await looks(undefined)).set]).toEqual([1, [60_000]]);
  expect(await stallsAt(undefined, [true, true])).toBe(3);
  expect(await stallsAt([5, 5, 5, 5, 5, 5, 5], [false, false, true])).toBe(7);
});

test('a transfer that has ended does not stall, and one in a hurry does so sooner', async () => {
  const { watch, set, quiet } = await looks(undefined);
  watch.hurry(5_000);
  watch.hurry(90_000);
  watch.stop();
  expect([await quiet(), set]).toEqual([0, [60_000, 5_000, 5_000, 0]]);
});

test.runIf(process.platform === 'linux')('Linux tells what it holds for a client', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  for (const end of [client, socket]) {
    end.on('error', () => undefined);
    onTestFinished(() => void end.destroy());
  }
  expect(await heldBySystem(socket)).toBe(0);
  socket.write(Buffer.alloc(128 * 2 ** 20));
  await expect.poll(() => heldBySystem(socket)).toBeGreaterThan(0);
  client.resume();
  await expect.poll(() => socket.writableLength).toBe(0);
  await expect.poll(() => heldBySystem(socket)).toBe(0);
});
