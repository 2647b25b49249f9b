import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DATA_CONNECT_MILLIS } from '../../electron/engine/master/ftp-server/limits.ts';
import { makeFailing } from '../support/failing-file.ts';
import { expectAnswers, open, RawFtp, readAll } from '../support/ftp-raw-client.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';

test('EPRT: any mark between the fields, the own protocol only', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.login(ftp.port);
  await expectAnswers(client, [
    ['EPRT |1|127.0.0.1|2000|', '200 '],
    ['EPRT !1!127.0.0.1!2000!', '200 '],
    ['EPRT |2|::1|2000|', '522 Network protocol not supported, use (1)'],
    ['EPRT |3|x|2000|', '522 '],
    ['EPRT |1|127.0.0.1|0|', '501 '],
    ['EPRT |1|127.0.0.1|65536|', '501 '],
    ['EPRT |1|no address|2000|', '501 '],
    ['EPRT |1|127.0.0.1|2000', '501 '],
    ['EPRT |1!127.0.0.1|2000|', '501 '],
    ['EPRT', '501 '],
  ]);
});

test('in active mode the connection is there before the 150, or there is no 150', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.login(ftp.port);
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const eprt = `EPRT |1|127.0.0.1|${address.port}|`;
  const listing = new Promise<string>((resolve) =>
    listener.once('connection', (socket) => resolve(readAll(socket).then(String))),
  );
  expect(await client.command(eprt)).toMatch(/^200 /);
  expect(await client.command('NLST')).toMatch(/^150 /);
  expect(await client.reply()).toMatch(/^226 /);
  expect(await listing).toBe('');
  await new Promise((resolve) => listener.close(resolve));
  await client.command(eprt);
  expect(await client.command('NLST')).toMatch(/^425 /);
  expect(await client.command('NOOP')).toMatch(/^200 /);
});

test('over IPv6 EPSV works, PASV says why it does not', async () => {
  const ftp = await startFtp({ config: { host: '::1' } });
  const client = await RawFtp.login(ftp.port, 'publisher', PASSWORD, '::1');
  expect(await client.command('PASV')).toMatch(/^425 .*EPSV/);
  expect(await client.command('EPSV 1')).toMatch(/^522 .*\(2\)/);
  expect(await client.command('EPSV nonsense')).toMatch(/^501 /);
  expect(await client.upload('STOR a', 'x')).toMatch(/^226 /);
  expect((await client.download('RETR a')).toString()).toBe('x');
});

test('after EPSV ALL nothing else opens data connections', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.login(ftp.port);
  await expectAnswers(client, [
    ['PORT 127,0,0,1,200,1', '200 '],
    ['EPSV ALL', '200 '],
    ['PASV', '501 '],
    ['PORT 127,0,0,1,200,1', '501 '],
    ['EPRT |1|127.0.0.1|51201|', '501 '],
    ['EPSV', '229 '],
  ]);
});

/** RFC 959 §4.1.3: 426 and 226 where something was aborted, 226 where nothing was. */
test('ABOR in each state of a transfer', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR big', Buffer.alloc(16 * 2 ** 20));
  expect(await client.command('ABOR')).toMatch(/^226 /);

  await client.passive();
  expect(await client.command('ABOR')).toMatch(/^226 /);
  expect(await client.command('RETR big')).toMatch(/^425 /);

  const port = await client.passive();
  expect(await client.command('RETR big')).toMatch(/^150 /);
  expect(await client.command('ABOR')).toMatch(/^426 /);
  expect(await client.reply()).toMatch(/^226 /);
  await expect(open(port)).rejects.toThrow(/ECONNREFUSED/);

  for (const command of ['RETR big', 'STOR other', 'APPE big']) {
    const data = await client.data();
    expect(await client.command(command)).toMatch(/^150 /);
    if (command !== 'RETR big') data.write('begun');
    client.write(Buffer.from([0xff, 0xf4, 0xff, 0xf2]));
    expect(await client.command('ABOR')).toMatch(/^426 /);
    expect(await client.reply()).toMatch(/^226 /);
    data.destroy();
  }
  expect(await client.command('SIZE big')).toBe(`213 ${16 * 2 ** 20}`);
  expect((await client.listing('NLST')).sort()).toEqual(['big']);
  expect(ftp.record).toEqual(['put big', 'broken other abort', 'broken big abort']);
});

test('what is asked during a transfer is answered: STAT and NOOP at once, the rest after it', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const data = await client.data();
  await client.command('STOR a');
  data.write('12345');
  await expect.poll(() => client.command('STAT')).toBe('213 The upload goes on: 5 bytes so far.');
  expect(await client.command('NOOP')).toMatch(/^200 /);
  client.write('PWD\r\nQUIT\r\n');
  data.end('67890');
  expect(await client.reply()).toMatch(/^226 /);
  expect(await client.reply()).toMatch(/^257 /);
  expect(await client.reply()).toMatch(/^221 /);
  await client.closed();
  expect(ftp.record).toEqual(['put a']);
});

test('what was sent together with a transfer is answered after it: no reply can be taken for that of the transfer', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  for (const asked of ['NOOP', 'STAT']) {
    const data = await client.data();
    client.write(`STOR a\r\n${asked}\r\n`);
    expect(await client.reply()).toMatch(/^150 /);
    data.end('12345');
    expect(await client.reply()).toMatch(/^226 /);
    expect(await client.reply()).toMatch(/^2(00|11)[ -]/);
  }
});

test('a REST that is refused takes back the one before', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'hello');
  expect(await client.command('REST 3')).toMatch(/^350 /);
  expect(await client.command('REST -1')).toMatch(/^501 /);
  expect((await client.download('RETR a')).toString()).toBe('hello');
});

test('a client that sends all it has and closes its side reads all the replies', async () => {
  const ftp = await startFtp();
  await (await RawFtp.login(ftp.port)).upload('STOR a', 'hello');
  const socket = connect({ port: ftp.port, host: '127.0.0.1' });
  socket.end(`USER publisher\r\nPASS ${PASSWORD}\r\nMKD d\r\nSIZE a\r\nHASH a\r\nDELE a\r\n`);
  const codes = (await readAll(socket))
    .toString()
    .split('\r\n')
    .map((line) => line.slice(0, 4));
  expect(codes).toEqual(['220 ', '331 ', '230 ', '257 ', '213 ', '213 ', '250 ', '']);
  expect(ftp.record).toEqual(['put a', 'mkdir d', 'delete a']);
});

test('a half-closed control connection: a download comes to its end, an upload is not believed', async () => {
  const ftp = await startFtp();
  const content = Buffer.alloc(8 * 2 ** 20, 'd');
  await (await RawFtp.login(ftp.port)).upload('STOR big', content);
  const reader = await RawFtp.login(ftp.port);
  const data = await reader.data();
  expect(await reader.command('RETR big')).toMatch(/^150 /);
  reader.socket.end();
  expect((await readAll(data)).equals(content)).toBe(true);
  expect(await reader.closed()).toMatch(/^226 /);
  const writer = await RawFtp.login(ftp.port);
  const upload = await writer.data();
  await writer.command('STOR other');
  upload.write('begun');
  writer.socket.end();
  expect(await writer.closed()).toMatch(/^426 /);
  expect(ftp.record).toEqual(['put big', 'broken other control-lost']);
  await expect.poll(() => ftp.server.sessions().length).toBe(1);
});

test('a client that goes away before its data connection is there does not keep its session for long', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'x');
  await client.passive();
  expect(await client.command('RETR a')).toMatch(/^150 /);
  client.socket.end();
  const began = performance.now();
  expect(await client.closed()).toMatch(/^426 /);
  expect(performance.now() - began).toBeLessThan(DATA_CONNECT_MILLIS);
});

test('REST: taken by the next transfer, whatever prepares it or asks in between, and by no other', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', '0123456789');
  await client.command('REST 4');
  await client.command('PWD');
  await client.command('TYPE L 8');
  expect(await client.command('SIZE a')).toBe('213 10');
  expect((await client.download('RETR a')).toString()).toBe('456789');
  expect((await client.download('RETR a')).toString()).toBe('0123456789');
  await client.command('REST 10');
  expect((await client.download('RETR a')).toString()).toBe('');
});

test('RANG: of the next file that is read or hashed, both ends included, and of no other', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  await client.upload('STOR a', '0123456789');
  const got = async (...commands: string[]): Promise<string> => {
    for (const command of commands)
      expect([command, await client.command(command)]).toEqual([command, expect.stringMatching(/^[23]/)]);
    return (await client.download('RETR a')).toString();
  };
  expect(await got('RANG 2 4')).toBe('234');
  expect(await got()).toBe('0123456789');
  expect(await got('RANG 0 0', 'PWD', 'TYPE I', 'SIZE a')).toBe('0');
  expect(await got('RANG 7 99')).toBe('789');
  // Nothing of a range is sent that begins behind the end.
  expect([await got('RANG 10 12'), await got('RANG 99 99')]).toEqual(['', '']);
  expect(await got('RANG 2 4', 'RANG 1 0')).toBe('0123456789');
  expect([await got('RANG 2 4', 'REST 8'), await got('REST 8', 'RANG 2 4')]).toEqual(['89', '234']);
  expect(await got('REST 8', 'HASH a')).toBe('89');
  await client.command('RANG 2 4');
  expect(await client.command('HASH a')).toBe(`213 SHA-256 2-4 ${sha256('234')} a`);
  expect(await client.command('HASH a')).toBe(`213 SHA-256 0-9 ${sha256('0123456789')} a`);
  await client.command('RANG 8 8000000000');
  expect(await client.command('HASH a')).toBe(`213 SHA-256 8-9 ${sha256('89')} a`);
  await client.upload('STOR empty', '');
  expect(await client.command('HASH empty')).toBe(`213 SHA-256 0-0 ${sha256('')} empty`);
  await expectAnswers(client, [
    ['RANG 10 10', '350 '],
    ['HASH a', '554 '],
    ['RANG 2 4', '350 '],
    ['RANG 4 2', '501 '],
    ['HASH a', '213 SHA-256 0-9 '],
    ['HASH /', '553 '],
    ['HASH', '501 '],
    ...['', '1', '-1 2', '1 2 3', '1  2', 'a b', '0 9007199254740992'].map(
      (arg) => [`RANG ${arg}`, '501 '] as [string, string],
    ),
    ['TYPE A', '200 '],
    ['RANG 2 4', '551 '],
    ['TYPE I', '200 '],
    ['MODE B', '200 '],
    ['RANG 2 4', '551 '],
    ['MODE S', '200 '],
    ['RANG 0 4', '350 '],
    ['TYPE A', '200 '],
    ['RETR a', '554 '],
    ['TYPE I', '200 '],
  ]);
  for (const command of ['STOR a', 'APPE a', 'STOU a']) {
    await client.command('RANG 2 4');
    await client.passive();
    expect([command, await client.command(command)]).toEqual([command, expect.stringMatching(/^504 /)]);
  }
  expect(await got()).toBe('0123456789');
});

test('REST: used up by a transfer that is refused, by a listing, and by whatever changes something', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD folder');
  const refused = [
    'RETR nothing',
    'RETR folder',
    'RETR ../a',
    'RETR',
    'RETR a',
    'STOR ../a',
    'STOR a',
    'APPE a',
    'STOU',
  ];
  const others = ['DELE nothing', 'CWD /', 'ABOR', 'RNFR a', 'MKD folder', 'SMNT x'];
  for (const between of [...refused, ...others]) {
    expect(await client.upload('STOR a', 'ABCDEFGH')).toMatch(/^226 /);
    expect(await client.command('REST 3')).toMatch(/^350 /);
    // Without a data connection all of them are refused, or change nothing.
    await client.command(between);
    expect(await client.upload('STOR a', 'xy')).toMatch(/^226 /);
    expect([between, (await client.download('RETR a')).toString()]).toEqual([between, 'xy']);
  }
  for (const listing of ['LIST', 'NLST', 'MLSD']) {
    await client.command('REST 3');
    await client.download(listing);
    expect([listing, (await client.download('RETR a')).toString()]).toEqual([listing, 'xy']);
  }
});

test('TYPE A: lines end with CR LF on the way and with LF here; without a TYPE nothing is changed', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const stored = async (name: string): Promise<string> => (await readFile(join(ftp.root, name))).toString();
  expect(await client.upload('STOR default', 'a\r\nb\n\r')).toMatch(/^226 /);
  expect(await stored('default')).toBe('a\r\nb\n\r');
  for (const [type, code] of [
    ['', '501'],
    [' E', '504'],
    [' A C', '504'],
    [' L 7', '504'],
    [' L 8', '200'],
  ] as const)
    expect([type, (await client.command(`TYPE${type}`)).slice(0, 3)]).toEqual([type, code]);
  await client.command('TYPE A');
  expect(await client.upload('STOR a', '\r\none\r\n\r\ntwo\rthree\nfour\r')).toMatch(/^226 /);
  expect(await stored('a')).toBe('\none\n\ntwo\rthree\nfour\r');
  expect(await client.upload('APPE a', '\nfive\r\n')).toMatch(/^226 /);
  expect(await stored('a')).toBe('\none\n\ntwo\rthree\nfour\r\nfive\n');
  // What ends with CR LF on the disk is not given a second CR.
  expect((await client.download('RETR a')).toString()).toBe('\r\none\r\n\r\ntwo\rthree\r\nfour\r\nfive\r\n');
  expect(await client.command('SIZE a')).toMatch(/^550 .*TYPE I/);
  expect(await client.command('REST 1')).toMatch(/^501 .*TYPE I/);
  expect(await client.command('REST 0')).toMatch(/^350 /);
  const large = 'a line of text\n'.repeat(200_000);
  await writeFile(join(ftp.root, 'large'), large);
  const sent = await client.download('RETR large');
  expect(sent.equals(Buffer.from(large.replaceAll('\n', '\r\n')))).toBe(true);
  expect(await client.command('ALLO 3200000')).toMatch(/^200 /);
  expect(await client.upload('STOR back', sent)).toMatch(/^226 /);
  expect((await stored('back')) === large).toBe(true);
  await client.command('TYPE I');
  expect((await client.download('RETR a')).toString()).toBe(await stored('a'));
  await client.command('REST 1');
  await client.command('TYPE A');
  await expect(client.download('RETR a')).rejects.toThrow(/^554 .*TYPE I/);
});

test('of what is read, that it is not there is said before that there is no data connection', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'a');
  expect(await client.command('SITE CHMOD 644 a')).toMatch(/^202 /);
  for (const [command, code] of [
    ['RETR nothing', '550 '],
    ['LIST nothing', '550 '],
    ['RETR a', '425 '],
    ['NLST', '425 '],
    ['STOR b', '425 '],
    ['NOOP', '200 '],
  ] as const)
    expect(await client.command(command), command).toMatch(new RegExp(`^${code}`));
  expect(ftp.record).toEqual(['put a']);
});

test('what the disk cannot read is told, and ends no session', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR good', 'good');
  await writeFile(join(ftp.root, 'bad'), '');
  const mend = makeFailing(join(ftp.root, 'bad'));
  if (!mend) return;
  await expect(client.download('RETR bad')).rejects.toThrow(/^451 /);
  await expectAnswers(client, [
    ['HASH bad', '451 '],
    ['RANG 0 9', '350 '],
    ['HASH bad', '451 '],
  ]);
  expect((await client.download('RETR good')).toString()).toBe('good');
  mend();
});
