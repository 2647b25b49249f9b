import { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { addressKey } from '../../electron/engine/core/address-key.ts';
import { Lobby } from '../../electron/engine/link/lobby.ts';
import { overLimit } from '../../electron/engine/master/ftp-server/ftp-server.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8:0:1::a', '2001:0db8:0000:0001'],
  ['fe80::1%eth0', 'fe80:0000:0000:0000'],
  ['', ''],
])('of %s counts %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

/** Addresses of one network that no test machine has: the sockets are of the real kind, and only say that they came from there. */
function from(remoteAddress: string): Socket {
  const socket = new Socket();
  Object.defineProperties(socket, { remoteAddress: { value: remoteAddress }, remotePort: { value: 1 } });
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('a lobby takes all addresses of an IPv6 network for one', () => {
  const lobby = new Lobby({ connections: 10, connectionsPerAddress: 2, stayMillis: 60_000 });
  onTestFinished(() => lobby.clear());
  const sockets = [1, 2, 3].map((host) => from(`2001:db8::${host}`));
  const other = from('2001:db8:0:1::1');
  for (const socket of [...sockets, other]) lobby.enter(socket);
  expect([...sockets, other].map(({ destroyed }) => destroyed)).toEqual([false, false, true, false]);
});

test('so do the limits of sessions', () => {
  const limits = { sessions: 10, sessionsPerAddress: 2 };
  const sessions = [{ address: '2001:db8::1' }, { address: '2001:db8::2' }];
  expect(overLimit(sessions, { address: '2001:db8::3' }, limits)).toMatch(/Your address has 2 sessions/);
  expect(overLimit(sessions, { address: '2001:db8:0:1::3' }, limits)).toBe(undefined);
});
