import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HeldSocket } from '../../electron/engine/master/ftp-server/held-socket.ts';
import { open, RawFtp } from '../support/ftp-raw-client.ts';
import { type FtpUnderTest, PASSWORD, startFtp } from '../support/ftp-server.ts';
import { ALERT, CLOSE_NOTIFY, DATA, TlsRecords, USER_CANCELED } from '../support/tls-records.ts';

async function loginTls(port: number, options: object = {}): Promise<{ client: RawFtp; socket: TLSSocket }> {
  const client = await RawFtp.connect(port);
  expect(await client.command('AUTH TLS')).toMatch(/^234 /);
  const socket = await client.startTls(options);
  await client.command('USER publisher');
  expect(await client.command(`PASS ${PASSWORD}`)).toMatch(/^230 /);
  return { client, socket };
}

/** STOR over a data connection that is opened as the FTP clients do it: TCP, the 150, then TLS. */
async function uploadTls(
  client: RawFtp,
  name: string,
  content: string | string[],
  options: object = {},
): Promise<{ answer: string; reused: boolean }> {
  const raw = await client.data();
  expect(await client.command(`STOR ${name}`)).toMatch(/^150 /);
  const data = connectTls({ socket: raw, rejectUnauthorized: false, ...options });
  data.on('error', () => {});
  await new Promise((resolve) => data.once('secureConnect', resolve));
  const reused = data.isSessionReused();
  for (const piece of [content].flat()) data.write(piece);
  data.end();
  return { answer: await client.reply(), reused };
}

test('where TLS is required nobody logs in or moves data without it', async () => {
  const ftp = await startFtp({ config: { tls: 'required' } });
  const client = await RawFtp.connect(ftp.port);
  expect(await client.command('USER publisher')).toMatch(/^530 .*AUTH TLS/);
  expect(await client.command(`PASS ${PASSWORD}`)).toMatch(/^530 .*AUTH TLS/);
  for (const command of ['PBSZ 0', 'PROT P']) expect(await client.command(command)).toMatch(/^503 /);
  const { client: secured } = await loginTls(ftp.port);
  expect(await secured.upload('STOR a', 'x')).toMatch(/^522 .*PROT P/);
  expect(await secured.command('PROT P')).toMatch(/^503 /);
  await secured.command('PBSZ 0');
  expect(await secured.command('PROT')).toMatch(/^501 /);
  expect(await secured.command('PROT C')).toMatch(/^534 /);
  expect(await secured.command('PROT P')).toMatch(/^200 /);
  expect((await uploadTls(secured, 'a', 'x')).answer).toMatch(/^226 /);
  expect(ftp.record).toEqual(['put a']);
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a client of up to %s', (version) => {
  const only = { minVersion: 'TLSv1.2', maxVersion: version } as const;

  test('the session of the control connection is resumed for data', async () => {
    const ftp = await startFtp();
    const client = await RawFtp.connect(ftp.port);
    await client.command('AUTH TLS');
    let session: Buffer | undefined;
    const socket = await client.startTls(only);
    socket.on('session', (ticket: Buffer) => {
      session = ticket;
    });
    await client.command('USER publisher');
    await client.command(`PASS ${PASSWORD}`);
    await client.command('PBSZ 0');
    await client.command('PROT P');
    session ??= socket.getSession();
    const results = [];
    for (const name of ['a', 'b', 'c']) results.push(await uploadTls(client, name, name, { ...only, session }));
    expect(results).toEqual(Array(3).fill({ answer: '226 The file is published.', reused: true }));
  });

  test('where data has to resume the session of control, nobody else can send it, also with a session of his own', async () => {
    const ftp = await startFtp({ config: { resumeTls: true } });
    const login = async () => {
      const client = await RawFtp.connect(ftp.port);
      await client.command('AUTH TLS');
      let ticket: Buffer | undefined;
      const socket = await client.startTls(only);
      socket.on('session', (session: Buffer) => {
        ticket = session;
      });
      await client.command('USER publisher');
      await client.command(`PASS ${PASSWORD}`);
      await client.command('PBSZ 0');
      await client.command('PROT P');
      return { client, session: ticket ?? socket.getSession() };
    };
    const [client, stranger] = [await login(), await login()];
    const sent = async (session?: Buffer) =>
      (await uploadTls(client.client, 'a', 'x', { ...only, ...(session && { session }) })).answer;
    expect(await sent(stranger.session)).toMatch(/^522 .*resume/);
    expect(await sent()).toMatch(/^522 .*resume/);
    expect(await sent(client.session)).toMatch(/^226 /);
    expect(await sent(client.session)).toMatch(/^226 /);
    expect(ftp.record).toEqual(['broken a reset', 'broken a reset', 'put a', 'put a']);
  });

  describe('an upload whose end somebody on the way has made', () => {
    /** The client's TLS, whose last records do not come: what is sent after `cut` is lost, and the connection below ends cleanly. */
    async function uploadCut(client: RawFtp, command: string, content: string | string[], forged = Buffer.alloc(0)) {
      const raw = await client.data();
      expect(await client.command(command)).toMatch(/^150 /);
      const data = connectTls({ socket: raw, rejectUnauthorized: false, ...only });
      data.on('error', () => {});
      await new Promise((resolve) => data.once('secureConnect', resolve));
      const records = [content].flat();
      for (const record of records) data.write(record);
      await expect.poll(() => client.command('STAT')).toContain(` ${records.join('').length} bytes so far`);
      raw.end(forged);
      return client.reply();
    }

    async function start(config: object = {}) {
      const ftp = await startFtp({ config });
      const { client, socket } = await loginTls(ftp.port, only);
      expect(socket.getProtocol()).toBe(version);
      await client.command('PBSZ 0');
      await client.command('PROT P');
      return { ftp, client };
    }

    test.each([
      ['by nothing but the end of the connection', ''],
      ['by the beginning of a record', '15030300'],
      ['by the header of an alert', '1503030002'],
      ['by a forged alert', '15030300020100'],
      ['by a forged record of its length', `1703030013${'00'.repeat(19)}`],
    ])('is not taken: %s', async (_, forged) => {
      const { ftp, client } = await start();
      const answer = await uploadCut(client, 'STOR a', 'the first half', Buffer.from(forged, 'hex'));
      expect(answer).toMatch(forged === '' ? /^426 .*close_notify.*ftp\.closeNotify/ : /^426 /);
      expect(ftp.record).toEqual([
        forged === '' ? 'broken a no-close-notify' : expect.stringMatching(/^broken a (reset|no-close-notify)$/),
      ]);
    });

    /** With TLS 1.3 a record of two bytes looks like an alert, and one of eighteen like one of Java's, which fills each up with 16 zeros. */
    test.each([
      [['ab']],
      [['the first half', 'ab']],
      [['ab', 'cd']],
      [['x'.repeat(40_000), 'ab']],
      [['x'.repeat(18)]],
      [['x'.repeat(40_000), 'y'.repeat(18), 'z'.repeat(18)]],
    ])('is not taken: after a record as long as an alert, %#', async (records) => {
      const { ftp, client } = await start();
      expect(await uploadCut(client, 'STOR a', records)).toMatch(/^426 /);
      expect(ftp.record).toEqual(['broken a no-close-notify']);
    });

    test('is taken where it has the size that was said, or where the config says so', async () => {
      const { ftp, client } = await start();
      await client.command('ALLO 5');
      expect(await uploadCut(client, 'STOR a', 'whole')).toMatch(/^226 /);
      const other = await start({ closeNotify: false });
      expect(await uploadCut(other.client, 'STOR b', 'believed')).toMatch(/^226 /);
      expect([...ftp.record, ...other.ftp.record]).toEqual(['put a', 'put b']);
    });

    test('no whole one is taken for it, whatever its length, also resumed and converted', async () => {
      const { client } = await start();
      for (const length of [0, 1, 2, 3, 16, 4096, 16_384, 16_385, 100_001])
        expect((await uploadTls(client, `f${length}`, 'x'.repeat(length), only)).answer).toMatch(/^226 /);
      for (const pieces of [['ab'], ['ab', 'cd'], ['x'.repeat(40_000), 'yz']])
        expect((await uploadTls(client, 'pieces', pieces, only)).answer).toMatch(/^226 /);
      await client.command('TYPE A');
      expect((await uploadTls(client, 'text', 'a\r\nb', only)).answer).toMatch(/^226 /);
      await client.command('TYPE I');
      await client.command('REST 2');
      expect((await uploadTls(client, 'f3', 'xyz', only)).answer).toMatch(/^226 /);
      expect(await client.command('SIZE f3')).toBe('213 5');
    });
  });

  test('a hundred logins, each with its ClientHello right behind AUTH', async () => {
    const ftp = await startFtp();
    for (let count = 0; count < 100; count += 1) {
      const { client } = await loginTls(ftp.port, only);
      expect(await client.command('QUIT')).toMatch(/^221 /);
    }
  });
});

test('PROT holds for the next transfer, whenever it is sent, and what comes otherwise is not taken', async () => {
  const ftp = await startFtp();
  const { client } = await loginTls(ftp.port);
  await client.command('PBSZ 0');
  await client.command('PROT P');
  expect((await uploadTls(client, 'first', 'x')).answer).toMatch(/^226 /);
  expect(await client.command('PROT C')).toMatch(/^200 /);
  expect(await client.upload('STOR second', 'x')).toMatch(/^226 /);
  // Between the data connection and its command.
  const data = await client.data();
  expect(await client.command('PROT P')).toMatch(/^200 /);
  expect(await client.command('STOR third')).toMatch(/^150 /);
  const secured = connectTls({ socket: data, rejectUnauthorized: false });
  secured.on('error', () => {});
  await new Promise((resolve) => secured.once('secureConnect', resolve));
  secured.end('x');
  expect(await client.reply()).toMatch(/^226 /);
  const plain = await client.data();
  expect(await client.command('STOR fourth')).toMatch(/^150 /);
  plain.end('nobody has said that this may be read by all');
  expect(await client.reply()).toMatch(/^425 .*TLS/);
  for (const level of ['S', 'E']) expect(await client.command(`PROT ${level}`)).toMatch(/^536 /);
  expect((await uploadTls(client, 'fifth', 'x')).answer).toMatch(/^226 /);
  expect(ftp.record).toEqual(['put first', 'put second', 'put third', 'broken fourth reset', 'put fifth']);
});

/** Else a client that does not read them, and closes, would reset its own upload. */
test('with TLS 1.3 an upload hears nothing from the server before it is done, then all of it', async () => {
  const ftp = await startFtp();
  const { client, socket } = await loginTls(ftp.port, { minVersion: 'TLSv1.3' });
  expect(socket.getProtocol()).toBe('TLSv1.3');
  await client.command('PBSZ 0');
  await client.command('PROT P');
  const raw = await client.data();
  expect(await client.command('STOR a')).toMatch(/^150 /);
  const data = connectTls({ socket: raw, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  const tickets: Buffer[] = [];
  data.on('session', (ticket: Buffer) => tickets.push(ticket));
  await new Promise((resolve) => data.once('secureConnect', resolve));
  const heard = raw.bytesRead;
  data.write('begun');
  await expect.poll(() => client.command('STAT')).toBe('213 The upload goes on: 5 bytes so far.');
  expect([raw.bytesRead, tickets.length]).toEqual([heard, 0]);
  const closed = new Promise((resolve) => data.once('close', resolve));
  data.resume();
  data.end(' and done');
  expect(await client.reply()).toMatch(/^226 /);
  await closed;
  expect(tickets.length).toBeGreaterThan(0);
  expect(await client.command('SIZE a')).toBe('213 14');
});

test('TLS 1.1 is refused', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  await client.command('AUTH TLS');
  await expect(
    client.startTls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  ).rejects.toThrow();
});

test.each([
  ['in the same segment', 'AUTH TLS\r\nUSER publisher\r\nNOOP\r\n'],
  ['as the beginning of a line', 'AUTH TLS\r\nDELE '],
])('commands injected before the handshake, %s, end the session', async (_, bytes) => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  client.write(bytes);
  expect(await client.closed()).toMatch(/^421 .*AUTH TLS/);
});

test('what was said before the handshake does not hold after it', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  expect(await client.command('OPTS MLST type;')).toMatch(/^200 /);
  await client.command('AUTH TLS');
  await client.startTls();
  expect(await client.command('FEAT')).toContain('MLST type*;size*;modify*;perm*;unique*;UNIX.mode*;');
});

test('commands that come between the 234 and the handshake are not executed after it', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  await client.command('AUTH TLS');
  client.write('USER publisher\r\n');
  await expect(client.startTls()).rejects.toThrow();
  const next = await RawFtp.connect(ftp.port);
  expect(await next.command('NOOP')).toMatch(/^200 /);
});

test('a data connection without the handshake is a 425, and the session goes on', async () => {
  const ftp = await startFtp();
  const { client } = await loginTls(ftp.port);
  await client.command('PBSZ 0');
  await client.command('PROT P');
  const data = await client.data();
  await client.command('STOR a');
  data.end('this is no ClientHello');
  expect(await client.reply()).toMatch(/^425 .*TLS/);
  expect((await uploadTls(client, 'a', 'x')).answer).toMatch(/^226 /);
  expect(ftp.record).toEqual(['broken a reset', 'put a']);
});

test('a client that never begins its handshake holds nothing up', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  await client.command('AUTH TLS');
  const { client: other } = await loginTls(ftp.port);
  expect(await other.command('NOOP')).toMatch(/^200 /);
  await ftp.stop();
  expect(await client.closed()).toBe('');
  await expect(open(ftp.port)).rejects.toThrow();
});

/** With TLS 1.3 nothing outside shows what a record holds: its kind is encrypted, and it may be filled up (RFC 8446 §5.4). */
describe('a client that fills up its records', () => {
  /** Sends records; the connection ends with them. */
  async function uploadRecords(ftp: FtpUnderTest, write: (records: TlsRecords) => Buffer[]): Promise<string> {
    const { client } = await loginTls(ftp.port);
    await client.command('PBSZ 0');
    await client.command('PROT P');
    const raw = await client.data();
    expect(await client.command('STOR a')).toMatch(/^150 /);
    const ciphers = 'TLS_AES_128_GCM_SHA256';
    const data = connectTls({ socket: raw, rejectUnauthorized: false, minVersion: 'TLSv1.3', ciphers });
    let keys = '';
    data.on('keylog', (line: Buffer) => (keys += line.toString()));
    data.on('error', () => {});
    await once(data, 'secureConnect');
    // The end of the handshake is sent behind the event.
    await turn();
    raw.end(Buffer.concat(write(new TlsRecords(keys))));
    return client.reply();
  }

  const random = (): number => randomInt(256);

  test.each<[string, () => number]>([
    ['not at all', () => 0],
    ['with 16 zeros, as Java does', () => 16],
    ['to multiples of 16', () => 13],
    ['at random', random],
  ])('has its uploads taken, and not what was cut off: %s', async (_, padding) => {
    const ftp = await startFtp();
    for (const content of [[], ['ab'], ['x'.repeat(16_000), 'ab'], ['ab', 'cd', 'e']]) {
      const seal = (records: TlsRecords): Buffer[] => content.map((piece) => records.seal(DATA, piece, padding()));
      const end = (records: TlsRecords): Buffer => records.seal(ALERT, CLOSE_NOTIFY, padding());
      expect(await uploadRecords(ftp, (to) => [...seal(to), end(to)])).toMatch(/^226 /);
      expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe(content.join(''));
      // Java's clients say first that they do not want to read on.
      const canceled = (to: TlsRecords): Buffer => to.seal(ALERT, USER_CANCELED, padding());
      expect(await uploadRecords(ftp, (to) => [...seal(to), canceled(to), end(to)])).toMatch(/^226 /);
      const cut = /^426 .*close_notify/;
      expect(await uploadRecords(ftp, (to) => seal(to))).toMatch(cut);
      expect(await uploadRecords(ftp, (to) => [...seal(to), canceled(to)])).toMatch(cut);
      for (const bytes of [1, 4, 5, 18])
        expect(await uploadRecords(ftp, (to) => [...seal(to), end(to).subarray(0, bytes)])).toMatch(cut);
      const longest = Buffer.from([DATA, 3, 3, 0x41, 0]);
      expect(await uploadRecords(ftp, (to) => [...seal(to), longest])).toMatch(cut);
    }
  });

  test('is not heard any more after its close_notify', async () => {
    const ftp = await startFtp();
    const more = (to: TlsRecords): Buffer[] => [
      to.seal(DATA, 'all'),
      to.seal(ALERT, CLOSE_NOTIFY),
      to.seal(DATA, 'more'),
    ];
    expect(await uploadRecords(ftp, more)).toMatch(/^226 /);
    expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('all');
  });
});

/** A data connection of an upload below TLS, and the client's end of it. */
async function startHeld(): Promise<{ held: HeldSocket; client: Socket }> {
  const server = createTcpServer({ pauseOnConnect: true });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connectTcp({ host: '127.0.0.1', port });
  onTestFinished(() => void client.destroy());
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const held = new HeldSocket(accepted, { isQuiet: true, asksWhoEnds: true });
  onTestFinished(() => void held.destroy());
  return { held, client };
}

test('what is kept back from a client that uploads does not grow without end', async () => {
  const { held, client } = await startHeld();
  // A record that is encrypted, by its header.
  client.write(Buffer.from([23, 3, 3, 0, 1, 0]));
  await once(held, 'data');
  let came = 0;
  client.on('data', (bytes) => (came += bytes.length));
  for (let answer = 0; answer < 4; answer += 1) held.write(Buffer.alloc(20_000));
  await expect.poll(() => came).toBe(80_000);
});
