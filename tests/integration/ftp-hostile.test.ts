import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  COMMANDS_BEFORE_LOGIN_MAX,
  LINE_BYTES_MAX,
  LINE_SKIP_BYTES_MAX,
  LOGIN_ATTEMPTS_MAX,
  QUEUED_COMMANDS_MAX,
} from '../../electron/engine/master/ftp-server/limits.ts';
import { FAILURES_MAX } from '../../electron/engine/master/ftp-server/login-throttle.ts';
import type { Listing } from '../../electron/engine/master/site-files.ts';
import { freePort } from '../support/free-port.ts';
import { open, RawFtp, readAll } from '../support/ftp-raw-client.ts';
import { PASSWORD, startFtp, type FtpUnderTest } from '../support/ftp-server.ts';

async function expectAlive(ftp: FtpUnderTest): Promise<void> {
  const client = await RawFtp.login(ftp.port);
  expect(await client.upload('STOR alive', 'x')).toMatch(/^226 /);
}

test('a command cut in two segments is one command', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'a');
  await client.upload('STOR a日.txt', 'b');
  const bytes = Buffer.from('DELE a日.txt\r\n');
  for (const byte of bytes) {
    client.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await client.reply()).toMatch(/^250 /);
  expect(ftp.record).toEqual(['put a', 'put a日.txt', 'delete a日.txt']);
});

test('lines of a megabyte are refused, before and after login', async () => {
  const ftp = await startFtp();
  for (const client of [await RawFtp.connect(ftp.port), await RawFtp.login(ftp.port)]) {
    client.write(`MKD ${'x'.repeat(5000)}\r\n`);
    expect(await client.reply()).toMatch(/^500 .*bytes/);
    expect(await client.command('NOOP')).toMatch(/^200 /);
    client.write('x'.repeat(LINE_SKIP_BYTES_MAX * 16));
    expect(await client.closed()).toMatch(/^500 /);
  }
  await expectAlive(ftp);
});

test('a flood of commands before login is cut, and takes no memory', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  client.write('NOOP\r\n'.repeat(COMMANDS_BEFORE_LOGIN_MAX + 1));
  expect(await client.closed()).toMatch(/421 Too many commands/);
  const flood = await RawFtp.connect(ftp.port);
  flood.write(Buffer.alloc(3_000_000, 'h\r\n'));
  expect(await flood.closed()).toMatch(/421 Too many commands/);
  await expectAlive(ftp);
});

test('a flood of commands after login is answered as fast as it is read', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const count = 20_000;
  client.write('NOOP\r\n'.repeat(count));
  for (let answer = 0; answer < count; answer += 1) expect(await client.reply()).toMatch(/^200 /);
});

test('so many commands wait, and no more', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const ftp = await startFtp({
    instead: (files) => ({ makeDir: async (...args) => held.then(() => files.makeDir(...args)) }),
  });
  const other = await RawFtp.login(ftp.port);
  // In a transfer: as many as may wait are answered after it, one more ends the session.
  for (const [more, answer] of [
    [0, '226'],
    [1, '421'],
  ] as const) {
    const client = await RawFtp.login(ftp.port);
    const data = await client.data();
    await client.command('STOR a');
    client.write('PWD\r\n'.repeat(QUEUED_COMMANDS_MAX + more));
    for (let turn = 0; turn < 50; turn += 1) await other.command('NOOP');
    data.end('x');
    expect((await client.reply()).slice(0, 3)).toBe(answer);
  }
  // Else the client is not read, and waits.
  const client = await RawFtp.login(ftp.port);
  client.write('MKD b\r\n');
  client.write(Buffer.alloc(32_000_000, 'NOOP\r\n'));
  for (let turn = 0; turn < 1000; turn += 1) await other.command('NOOP');
  expect(client.socket.writableLength).toBeGreaterThan(0);
  release();
  expect(await client.reply()).toMatch(/^257 /);
});

test('who has not logged in yet is not read while a password of his is looked at', async () => {
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  const ftp = await startFtp({
    wrapAccounts: (accounts) => ({
      ...accounts,
      verify: async (...login) => isOpen.then(() => accounts.verify(...login)),
    }),
  });
  const client = await RawFtp.connect(ftp.port);
  const count = COMMANDS_BEFORE_LOGIN_MAX * 2;
  client.write(`USER publisher\r\nPASS ${PASSWORD}\r\n`);
  client.write(`NOOP ${'x'.repeat(LINE_BYTES_MAX - 10)}\r\n`.repeat(count));
  const other = await RawFtp.connect(ftp.port);
  for (let turn = 0; turn < 100; turn += 1) await other.command('NOOP');
  open();
  expect(await client.reply()).toMatch(/^331 /);
  expect(await client.reply()).toMatch(/^230 /);
  for (let answer = 0; answer < count; answer += 1) expect(await client.reply()).toMatch(/^200 /);
});

test('a client that does not read its replies is cut', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  client.socket.pause();
  const flood = Buffer.alloc(1_000_000, 'HELP\r\n');
  while (!client.socket.destroyed && ftp.server.sessions().length > 0) {
    client.write(flood);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await expectAlive(ftp);
});

test('traversal in every spelling is refused', async () => {
  const ftp = await startFtp();
  await mkdir(join(ftp.root, '..', 'outside'));
  await writeFile(join(ftp.root, '..', 'outside', 'secret'), 'secret');
  await mkdir(join(ftp.root, 'd'));
  const client = await RawFtp.login(ftp.port);
  const names = [
    '../outside/secret',
    '/../outside/secret',
    'd/../../outside/secret',
    './../outside/secret',
    '//..//outside/secret',
    '..\\outside\\secret',
    'd\\..\\..\\outside\\secret',
    'C:\\outside\\secret',
    'C:/outside/secret',
    'c:secret',
    '\\\\host\\share',
    '.lockstep/incoming',
    '.LOCKSTEP',
    '.lockstep.',
    '.lock\u200bstep/x',
    'd/../.lockstep/x',
    join(ftp.root, '..', 'outside', 'secret'),
  ];
  for (const name of names) {
    const answers = [
      await client.command(`SIZE ${name}`),
      await client.command(`DELE ${name}`),
      await client.command(`MKD ${name}/x`),
      await client.command(`RNFR ${name}`),
      await client.upload(`STOR ${name}`, 'overwritten'),
      await client.download(`RETR ${name}`).then(String, (error: Error) => error.message),
      await client.listing(`LIST ${name}`).then(String, (error: Error) => error.message),
      await client.command(`CWD ${name}`),
    ];
    for (const answer of answers) expect([name, answer]).toEqual([name, expect.stringMatching(/^55[03] /)]);
  }
  expect(await client.command('DELE a\0b')).toMatch(/^500 /);
  expect(await client.command('DELE a\rb')).toMatch(/^500 /);
  expect(await client.command('DELE %2e%2e/outside/secret')).toMatch(/^550 /);
  expect(ftp.record).toEqual([]);
  expect((await readdir(join(ftp.root, '..', 'outside'))).concat(await readdir(join(ftp.root, 'd')))).toEqual([
    'secret',
  ]);
});

test('PORT and EPRT go to the client itself and nowhere else (CVE-2020-15152)', async () => {
  const ftp = await startFtp({ config: { active: true } });
  let stranger = 0;
  const other = createServer(() => (stranger += 1));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.8', resolve));
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const port = `${address.port >> 8},${address.port & 255}`;
  const client = await RawFtp.login(ftp.port);
  for (const target of [
    `127,0,0,8,${port}`,
    `127,0,0,010,${port}`,
    '127,0,0,1,0,22',
    `8,8,8,8,${port}`,
    '1,2,3',
    '127,0,0,1,1,256',
    'x',
  ]) {
    expect([target, await client.command(`PORT ${target}`)]).toEqual([target, expect.stringMatching(/^50[14] /)]);
  }
  for (const target of [
    `|1|127.0.0.8|${address.port}|`,
    `|2|::1|${address.port}|`,
    '|1|127.0.0.1|80|',
    '|3|127.0.0.1|8000|',
    '||||',
  ]) {
    expect([target, await client.command(`EPRT ${target}`)]).toEqual([target, expect.stringMatching(/^5(01|04|22) /)]);
  }
  expect(await client.command('LIST')).toMatch(/^425 /);
  expect(stranger).toBe(0);
  await new Promise((resolve) => other.close(resolve));
});

test('active mode works to the client, and says so when nobody listens', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.login(ftp.port);
  const received: Promise<string>[] = [];
  const listener = createServer((socket) => received.push(readAll(socket).then(String)));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await client.upload('STOR a', 'content');
  expect(await client.command(`PORT 127,0,0,1,${address.port >> 8},${address.port & 255}`)).toMatch(/^200 /);
  expect(await client.command('RETR a')).toMatch(/^150 /);
  expect(await client.reply()).toMatch(/^226 /);
  expect(await Promise.all(received)).toEqual(['content']);
  await new Promise((resolve) => listener.close(resolve));
  expect(await client.command(`EPRT |1|127.0.0.1|${address.port}|`)).toMatch(/^200 /);
  expect(await client.command('RETR a')).toMatch(/^425 /);
});

test('strangers at the passive port are dropped, and the session goes on', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const port = await client.passive();
  for (let count = 0; count < 3; count += 1) {
    expect((await readAll(await open(port, '127.0.0.2'))).length).toBe(0);
  }
  const data = await open(port);
  expect(await client.command('STOR a')).toMatch(/^150 /);
  data.end('mine');
  expect(await client.reply()).toMatch(/^226 /);
  await expect(open(port)).rejects.toThrow(/ECONNREFUSED/);
});

test('a passive range that is used up is a 425, and free again after the transfers', async () => {
  const reserve = createServer();
  const min = await freePort();
  await new Promise<void>((resolve) => reserve.listen(min, '127.0.0.1', resolve));
  const ftp = await startFtp({ config: { passive: { min, max: min } } });
  const client = await RawFtp.login(ftp.port);
  expect(await client.command('EPSV')).toMatch(/^425 No port/);
  expect(await client.command('PASV')).toMatch(/^425 No port/);
  await new Promise((resolve) => reserve.close(resolve));
  for (let count = 0; count < 5; count += 1) {
    expect(await client.command('PASV')).toBe(`227 Entering Passive Mode (127,0,0,1,${min >> 8},${min & 255}).`);
    const data = await open(min);
    await client.command(`STOR a${count}`);
    data.end('x');
    expect(await client.reply()).toMatch(/^226 /);
  }
});

test('the public address of the settings is told, but not to a client on this machine', async () => {
  const ftp = await startFtp({ config: { passive: { min: 0, max: 0, address: '192.0.2.7' } } });
  const local = await RawFtp.login(ftp.port);
  expect(await local.command('PASV')).toMatch(/^227 .*\(127,0,0,1,/);
  const remote = await RawFtp.connect(ftp.port, '127.0.0.3');
  await remote.command('USER publisher');
  await remote.command(`PASS ${PASSWORD}`);
  expect(await remote.command('PASV')).toMatch(/^227 .*\(192,0,2,7,/);
});

test('guessed passwords are slowed down, then locked out', async () => {
  const ftp = await startFtp();
  const clients = await Promise.all(Array.from({ length: FAILURES_MAX + 3 }, () => RawFtp.connect(ftp.port)));
  await Promise.all(clients.map((client) => client.command('USER publisher')));
  // All at once, and the last one is right.
  const guesses = clients.map((_, at) => (at === clients.length - 1 ? PASSWORD : 'wrong'));
  const answers = await Promise.all(clients.map((client, at) => client.command(`PASS ${guesses[at]}`)));
  const wrong = '530 User or password is wrong: check both, and send USER again.';
  expect(answers.slice(0, FAILURES_MAX)).toEqual(answers.slice(0, FAILURES_MAX).map(() => wrong));
  for (const answer of answers.slice(FAILURES_MAX)) expect(answer).toMatch(/^421 Too many wrong passwords/);
  const honest = await RawFtp.connect(ftp.port);
  await honest.command('USER publisher');
  expect(await honest.command(`PASS ${PASSWORD}`)).toMatch(/^421 Too many wrong passwords .* 15 minutes/);
  // A mirror behind the same address goes on; its password is not one that can be guessed.
  const mirror = await RawFtp.connect(ftp.port);
  await mirror.command('USER mirror');
  expect(await mirror.command(`PASS ${PASSWORD}`)).toMatch(/^230 /);
  const elsewhere = await RawFtp.connect(ftp.port, '127.0.0.4');
  await elsewhere.command('USER publisher');
  expect(await elsewhere.command(`PASS ${PASSWORD}`)).toMatch(/^230 /);
});

test('passwords that are guessed at once are looked at one by one, and of an address no more than lock it out', async () => {
  const looks = { now: 0, most: 0, all: 0 };
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  const ftp = await startFtp({
    wrapAccounts: (accounts) => ({
      ...accounts,
      async verify(user, password) {
        if (user === 'mirror') return accounts.verify(user, password);
        looks.all += 1;
        looks.now += 1;
        looks.most = Math.max(looks.most, looks.now);
        await isOpen;
        looks.now -= 1;
        return undefined;
      },
    }),
  });
  const clients = await Promise.all(Array.from({ length: 3 * FAILURES_MAX }, () => RawFtp.connect(ftp.port)));
  await Promise.all(clients.map((client, at) => client.command(`USER somebody${at}`)));
  for (const client of clients) client.write('PASS wrong\r\n');
  const mirror = await RawFtp.connect(ftp.port);
  await mirror.command('USER mirror');
  expect(await mirror.command(`PASS ${PASSWORD}`)).toMatch(/^230 /);
  open();
  for (const client of clients.slice(FAILURES_MAX))
    expect(await client.closed()).toMatch(/421 Too many wrong passwords/);
  expect(looks).toEqual({ now: 0, most: 1, all: FAILURES_MAX });
});

test('who has logged in before does not wait for the passwords that strangers try from elsewhere', async () => {
  const [looked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<undefined>()];
  const ftp = await startFtp({
    wrapAccounts: (accounts) => ({
      ...accounts,
      verify(user, password) {
        if (user === 'publisher') return accounts.verify(user, password);
        looked.resolve();
        return over.promise;
      },
    }),
  });
  const logIn = async (): Promise<string> => {
    const client = await RawFtp.connect(ftp.port);
    await client.command('USER publisher');
    return client.command(`PASS ${PASSWORD}`);
  };
  expect(await logIn()).toMatch(/^230 /);
  const stranger = await RawFtp.connect(ftp.port, '127.0.0.2');
  await stranger.command('USER stranger');
  stranger.write('PASS wrong\r\n');
  await looked.promise;
  expect(await logIn()).toMatch(/^230 /);
  over.resolve(undefined);
  expect(await stranger.reply()).toMatch(/^530 /);
});

test('one session has a few attempts to log in', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  const answers: string[] = [];
  for (let attempt = 0; attempt < LOGIN_ATTEMPTS_MAX; attempt += 1) {
    await client.command('USER nobody');
    answers.push((await client.command('PASS x')).slice(0, 3));
  }
  expect(answers).toEqual(['530', '530', '421']);
  await client.closed();
});

test('sessions are limited, by number and by address', async () => {
  const ftp = await startFtp({ config: { limits: { sessions: 3, sessionsPerAddress: 2 } } });
  const first = await RawFtp.connect(ftp.port);
  await RawFtp.connect(ftp.port);
  const greeting = async (localAddress: string) => {
    const socket = connect({ port: ftp.port, host: '127.0.0.1', localAddress });
    return (await readAll(socket)).toString();
  };
  expect(await greeting('127.0.0.1')).toMatch(/^421 Your address has 2 sessions/);
  await RawFtp.connect(ftp.port, '127.0.0.2');
  expect(await greeting('127.0.0.3')).toMatch(/^421 There are 3 sessions/);
  await first.command('QUIT');
  await first.closed();
  await expect.poll(() => ftp.server.sessions().length).toBe(2);
  await RawFtp.connect(ftp.port, '127.0.0.3');
});

test('an idle session is ended, one with a transfer is not', async () => {
  const ftp = await startFtp({ config: { limits: { idleSeconds: 2, stallSeconds: 60 } } });
  const idle = await RawFtp.login(ftp.port);
  const busy = await RawFtp.login(ftp.port);
  const data = await busy.data();
  await busy.command('STOR a');
  expect(await idle.closed()).toMatch(/^421 /);
  await new Promise((resolve) => setTimeout(resolve, 2_400));
  data.end('x');
  expect(await busy.reply()).toMatch(/^226 /);
});

test('a listing of 200,000 entries streams, one beyond the limit is refused', async () => {
  const entry = { kind: 'file', size: 1, mtime: 0, mode: 0o644 } as const;
  let count = 200_000;
  const ftp = await startFtp({
    instead: () => ({
      list: () =>
        Promise.resolve({
          count,
          async *[Symbol.asyncIterator]() {
            for (let index = 0; index < count; index += 1) yield { ...entry, name: `file-${index}` };
          },
        }),
    }),
  });
  const client = await RawFtp.login(ftp.port);
  for (const command of ['LIST', 'NLST', 'MLSD']) expect((await client.listing(command)).length).toBe(200_000);
  expect(await client.command('STAT /')).toMatch(/^450 /);
  count += 1;
  await expect(client.listing('LIST')).rejects.toThrow(/^450 .*200000 entries/);
});

test('a listing is not read ahead of a client that does not take it', async () => {
  let taken = 0;
  const endless: Listing = {
    count: 100_000,
    async *[Symbol.asyncIterator]() {
      for (;;) yield { kind: 'file', size: 1, mtime: 0, mode: 0o644, name: `file-${(taken += 1)}-${'x'.repeat(200)}` };
    },
  };
  const ftp = await startFtp({ instead: () => ({ list: () => Promise.resolve(endless) }) });
  const client = await RawFtp.login(ftp.port);
  const data = await client.data();
  data.pause();
  expect(await client.command('MLSD')).toMatch(/^150 /);
  let before = -1;
  // What the system takes for both ends is some megabytes.
  while (taken > before) {
    before = taken;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(taken).toBeGreaterThan(100);
  expect(taken).toBeLessThan(200_000);
  expect(await client.command('ABOR')).toMatch(/^426 /);
  expect(await client.reply()).toMatch(/^226 /);
  const now = taken;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(taken).toBe(now);
});

test('a stop ends sessions, with a word, and is idempotent', async () => {
  const ftp = await startFtp();
  const idle = await RawFtp.login(ftp.port);
  const busy = await RawFtp.login(ftp.port);
  const data = await busy.data();
  await busy.command('STOR a');
  data.write('begun');
  await expect.poll(() => ftp.server.sessions().find((session) => session.transfer)?.transfer?.bytes).toBe(5);
  await Promise.all([ftp.server.stop(), ftp.server.stop()]);
  expect(await idle.closed()).toMatch(/^421 The server is being stopped/);
  expect(await busy.closed()).toMatch(/^421 /);
  expect(ftp.record).toEqual(['broken a ended']);
  await expect(open(ftp.port)).rejects.toThrow(/ECONNREFUSED/);
  expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGQUIT')).toBe(0);
});

test('a busy port is told by its code', async () => {
  const ftp = await startFtp();
  await expect(startFtp({ config: { port: ftp.port } })).rejects.toMatchObject({ code: 'port.busy' });
});
