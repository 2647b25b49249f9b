import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DATA_CONNECT_MILLIS } from '../../electron/engine/master/ftp-server/limits.ts';
import { open, RawFtp, readAll } from '../support/ftp-raw-client.ts';
import { PASSWORD, siteFactories, startFtp } from '../support/ftp-server.ts';

/** Sends each line and compares its reply's beginning. */
async function expectAnswers(client: RawFtp, answers: readonly [string, string][]): Promise<void> {
  const got: [string, string][] = [];
  for (const [command, answer] of answers) got.push([command, (await client.command(command)).slice(0, answer.length)]);
  expect(got).toEqual(answers);
}

test('before a login all but logging in, TLS and questions is a 530', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.connect(ftp.port);
  for (const command of 'PWD,CWD /,LIST,NLST,MLSD,MLST,STAT,SIZE a,MDTM a,RETR a,STOR a,APPE a,STOU,REST 0,ALLO 1'.split(
    ',',
  ))
    expect([command, await client.command(command)]).toEqual([command, expect.stringMatching(/^530 /)]);
  for (const command of 'TYPE I,MODE S,STRU F,PASV,EPSV,PORT 127;0,ABOR,RNFR a,RNTO b,DELE a,MKD a,RMD a,SITE HELP,ACCT x'.split(
    ',',
  ))
    expect([command, await client.command(command)]).toEqual([command, expect.stringMatching(/^530 /)]);
  await expectAnswers(client, [
    ['NOOP', '200 '],
    ['SYST', '215 '],
    ['FEAT', '211-'],
    ['HELP', '214-'],
    ['OPTS UTF8 ON', '200 '],
    ['CLNT somebody', '200 '],
    ['PASS x', '503 '],
    ['USER', '501 '],
    ['USER publisher', '331 '],
    ['USER publisher', '331 '],
    [`PASS ${PASSWORD}`, '230 '],
  ]);
});

test('what is no command is a 500, what there could be a 502, what stands after a command that takes nothing a 501', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await expectAnswers(client, [
    ['XYZZY', '500 There is no command XYZZY'],
    ['', '500 '],
    [' NOOP', '500 '],
    ['12345', '500 '],
    ['SMNT /', '502 SMNT'],
    ['LANG en', '502 LANG'],
    ['REIN', '502 '],
    ['PWD x', '501 Nothing stands after PWD'],
    ['CDUP x', '501 '],
    ['FEAT x', '501 '],
    ['PASV x', '501 '],
    ['SYST x', '501 '],
    ['NOOP x', '200 '],
    ['noop ', '200 '],
    ['TYPE', '501 '],
    ['TYPE A T', '504 '],
    ['TYPE L 7', '504 '],
    ['TYPE a', '200 '],
    ['MODE', '501 '],
    ['MODE C', '504 '],
    ['STRU', '501 '],
    ['STRU P', '504 '],
    ['ALLO 10 R 5', '200 '],
    ['ALLO 10 R', '501 '],
    ['EPSV x', '501 '],
    ['EPSV 3', '522 Network protocol not supported, use (1)'],
    ['EPSV 1', '229 '],
    ['STAT nowhere', '550 '],
  ]);
});

test('553 is for names that are given, 550 for names that are looked for', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'x');
  await expectAnswers(client, [
    ['CWD ../..', '250 '],
    ['CWD ...', '550 '],
    ['DELE ../a', '550 '],
    ['SIZE ../a', '550 '],
    ['MDTM a\\b', '550 '],
    ['MLST ../a', '550 '],
    ['RNFR ../a', '550 '],
    ['MKD a:/b/..', '550 '],
    ['RNFR a', '350 '],
    ['RNTO ../a', '553 '],
  ]);
  expect(await client.upload('STOR ../a', 'x')).toMatch(/^553 /);
  expect(await client.upload('APPE a\\b', 'x')).toMatch(/^553 /);
  await expect(client.download('RETR ../../etc/passwd')).rejects.toThrow(/^550 /);
  await expect(client.listing('LIST ../..')).rejects.toThrow(/^550 /);
});

test('a folder that is to be moved into itself stays, and the reply says so', async () => {
  const ftp = await startFtp({ factory: siteFactories.master });
  const client = await RawFtp.login(ftp.port);
  await expectAnswers(client, [
    ['MKD a', '257 '],
    ['RNFR a', '350 '],
    ['RNTO a/b', '553 A folder cannot be moved into itself. '],
    ['SITE RELEASE BEGIN x', '250 '],
    ['RNFR a', '350 '],
    ['RNTO a/b', '553 A folder cannot be moved into itself. '],
  ]);
  expect(ftp.record).toEqual(['mkdir a']);
});

test('a rename to the own name changes nothing, and NOOP may stand between', async () => {
  const ftp = await startFtp({ factory: siteFactories.master });
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'x');
  await expectAnswers(client, [
    ['RNFR a', '350 '],
    ['RNTO ./a', '250 '],
    ['RNFR a', '350 '],
    ['NOOP', '200 '],
    ['RNTO b', '250 '],
    ['RNFR b', '350 '],
    ['PWD', '257 '],
    ['RNTO c', '503 '],
    ['RNFR nothing', '550 '],
    ['RNTO c', '503 '],
    ['RNFR', '501 '],
  ]);
  expect(ftp.record).toEqual(['put a', 'rename a b']);
});

test('STAT of a file is a 213, of a folder a 212, of the session a 211', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD d');
  await client.upload('STOR d/a', 'x');
  expect(await client.command('STAT d')).toMatch(/^212-[^]*\n -rw.* a\n212 End$/);
  expect(await client.command('STAT -la d')).toMatch(/^212-/);
  expect(await client.command('STAT d/a')).toMatch(/^213-[^]* a\n213 End$/);
  expect(await client.command('STAT')).toMatch(/^211-/);
});

test('the facts: a root that cannot be deleted, and names of one file that say so', async () => {
  const ftp = await startFtp({ factory: siteFactories.master });
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'x');
  await client.upload('STOR b', 'x');
  expect(await client.command('MLST /')).toMatch(/;perm=celmp;/);
  const unique = (line: string) => /;unique=([^;]+);/.exec(line)?.[1];
  const [a, b] = await client.listing('MLSD');
  expect(unique(a ?? '')).toMatch(/^[0-9a-f]+g[0-9a-f]+$/);
  expect(unique(a ?? '')).not.toBe(unique(b ?? ''));
  const told = unique(await client.command('MLST a'));
  expect([unique(a ?? ''), unique(b ?? '')]).toContain(told);
  await expectAnswers(client, [
    ['OPTS MLST unique;type;', '200 MLST OPTS type;unique;'],
    ['OPTS MLST nonsense;', '200 MLST OPTS'],
    ['OPTS UTF8 OFF', '504 '],
    ['OPTS HASH MD5', '504 '],
    ['OPTS NOTHING', '501 '],
    ['MLST a', '250-This is there:\n  /a\n'],
  ]);
});

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
  const ftp = await startFtp({ factory: siteFactories.master });
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

test('ends of lines: CRLF, LF and CR CR LF; bytes of telnet', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const answers: [string | Buffer, RegExp][] = [
    ['NOOP\n', /^200 /],
    ['NOOP\r\r\n', /^200 /],
    ['MKD a\rb\r\n', /^500 /],
    [Buffer.from('NO\xff\xf1OP\r\n', 'latin1'), /^200 /],
    [Buffer.from('\xff\xfb\x06NOOP\r\n', 'latin1'), /^200 /],
    [Buffer.from('MKD \xff\xff\r\n', 'latin1'), /^500 .*UTF-8/],
    [Buffer.from('MKD caf\xe9\r\n', 'latin1'), /^500 .*UTF-8/],
  ];
  for (const [bytes, answer] of answers) {
    client.write(bytes);
    expect(await client.reply()).toMatch(answer);
  }
  expect(ftp.record).toEqual([]);
});

test('listings: options of ls, one file, an empty folder, none', async () => {
  const ftp = await startFtp({ factory: siteFactories.master });
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD d');
  await client.command('MKD d/empty');
  await client.upload('STOR d/a', 'x');
  expect(await client.listing('NLST d/empty')).toEqual([]);
  expect(await client.listing('LIST d/empty')).toEqual([]);
  expect(await client.listing('MLSD d/empty')).toEqual([]);
  for (const command of ['LIST d/a', 'LIST -al d/a', 'LIST -a -l -- d/a'])
    expect(await client.listing(command)).toEqual([expect.stringMatching(/^-rw.* a$/)]);
  expect(await client.listing('NLST d/a')).toEqual(['d/a']);
  expect((await client.listing('NLST /d')).sort()).toEqual(['/d/a', '/d/empty']);
  expect(await client.listing('NLST zz*')).toEqual([]);
  for (const command of ['LIST nowhere', 'NLST nowhere', 'MLSD nowhere', 'LIST d/a/b'])
    await expect(client.listing(command)).rejects.toThrow(/^550 /);
  await expect(client.listing('MLSD d/a')).rejects.toThrow(/^501 /);
});

test('what clients send beyond the RFCs: LIST -a, which has . and .., patterns with MLSD, CWD ~', async () => {
  const ftp = await startFtp({ factory: siteFactories.master });
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD d');
  await client.upload('STOR d/a', 'x');
  const names = async (command: string): Promise<string[]> =>
    (await client.listing(command)).map((line) => line.slice(line.lastIndexOf(' ') + 1));
  for (const command of ['LIST -a d', 'LIST -la d', 'LIST -al d/', 'LIST -l -a -- d'])
    expect([command, await names(command)]).toEqual([command, ['.', '..', 'a']]);
  for (const command of ['LIST d', 'LIST -l d', 'LIST -A d', 'LIST -a d/a', 'LIST -a d/*', 'NLST -a d', 'MLSD d'])
    expect([command, await names(command)]).toEqual([command, [command.startsWith('NLST') ? 'd/a' : 'a']]);
  expect(await names('LIST -a')).toEqual(['.', '..', 'd']);
  expect(await names('MLSD d/a*')).toEqual(['a']);
  expect(await names('MLSD d/b*')).toEqual([]);
  await expect(names('MLSD d/b')).rejects.toThrow(/^550 /);
  await client.command('CWD d');
  expect(await client.command('CWD ~')).toBe('250 "/" is the working folder.');
  await client.command('MKD ~');
  expect(await client.command('CWD ~')).toBe('250 "/~" is the working folder.');
  await client.command('CWD /');
  await client.command('RMD ~');
  for (const line of (await client.listing('LIST -a')).slice(0, 2))
    expect(line).toMatch(/^drwxr-xr-x +1 ftp ftp +0 \w{3} [ \d]\d \d\d:\d\d \.\.?$/);
  expect(await client.command('STAT -a d')).not.toMatch(/ \.\.?$/m);
});

test('telnet: its commands are passed over and its options refused, wherever they stand, and however TCP cuts them', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  for (const [bytes, answer] of [
    ['fff4', ''],
    ['fff4fff2', ''],
    ['fff6', ''],
    ['fffb01', 'fffe01'],
    ['fffd06fffb01', 'fffc06fffe01'],
    // Refusals, and a byte that only looks like one.
    ['fffc01fffe01', ''],
    ['f2', ''],
  ] as const)
    for (const cut of [false, true]) {
      client.telnet = '';
      const line = Buffer.concat([Buffer.from(bytes, 'hex'), Buffer.from('PWD\r\n')]);
      if (!cut) client.write(line);
      else
        for (const byte of line) {
          client.write(Buffer.of(byte));
          await turn();
        }
      expect([bytes, cut, await client.reply()]).toEqual([bytes, cut, '257 "/" is the working folder.']);
      expect([bytes, cut, client.telnet]).toEqual([bytes, cut, answer]);
    }
  // Who offers something may wait for the answer before he sends a line.
  client.telnet = '';
  client.write(Buffer.from('fffd18', 'hex'));
  await expect.poll(() => client.telnet).toBe('fffc18');
  for (const name of ['a\0b', 'a\rb', 'a\r\0'])
    expect(await client.command(`SIZE ${name}`)).toMatch(/^500 .*NUL or CR/);
  expect(await client.command('NOOP')).toMatch(/^200 /);
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

test('HOST: asks before a login whether the client has come to the right host', async () => {
  const unnamed = await RawFtp.connect((await startFtp()).port);
  await expectAnswers(unnamed, [
    ['HOST whatever.example', '220 '],
    ['HOST 127.0.0.1', '220 '],
    ['HOST [::1]', '220 '],
    ...[
      '',
      '[ftp.example.org]',
      '[127.0.0.1]',
      'two names',
      '-a.example',
      'a..example',
      '../etc',
      `${'a'.repeat(64)}.example`,
    ].map((arg) => [`HOST ${arg}`, '501 '] as [string, string]),
    ['FEAT', '211-'],
    ['USER publisher', '331 '],
    ['HOST whatever.example', '503 '],
    [`PASS ${PASSWORD}`, '230 '],
    ['HOST whatever.example', '503 '],
  ]);
  const named = await RawFtp.connect(
    (await startFtp({ config: { passive: { min: 0, max: 0, address: 'Ftp.Example.org' } } })).port,
  );
  await expectAnswers(named, [
    ['HOST ftp.example.ORG', '220 '],
    ['HOST ftp.example.org.', '220 '],
    ['HOST 127.0.0.1', '220 '],
    ['HOST 192.0.2.1', '504 '],
    ['HOST example.org', '504 '],
    ['HOST [::1]', '504 '],
    // Nothing of it is remembered.
    ['USER publisher', '331 '],
    [`PASS ${PASSWORD}`, '230 '],
  ]);
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
