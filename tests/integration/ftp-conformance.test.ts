import { utimes } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { verbs } from '../../electron/engine/master/ftp-server/verbs/table.ts';
import { expectAnswers, RawFtp, readAll } from '../support/ftp-raw-client.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';

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

test('each command can be tried before a login in one session', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.connect(ftp.port);
  for (const [name, { needs }] of verbs)
    if (needs !== 'nothing') expect(await client.command(`${name} x`), name).toMatch(/^530 /);
  for (let count = 0; count < 100; count += 1) expect(await client.command('LANG en')).toMatch(/^502 /);
  await client.command('USER publisher');
  expect(await client.command(`PASS ${PASSWORD}`)).toMatch(/^230 /);
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
    ['PWD x', '501 PWD takes no argument'],
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
  const ftp = await startFtp();
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
  const ftp = await startFtp();
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
  expect(await client.command('STAT')).toMatch(
    /^211-[^]*\n TYPE: BINARY, STRUcture: File, Mode: Stream\n[^]*\n211 End$/,
  );
  for (const command of ['TYPE A', 'MODE B']) await client.command(command);
  expect(await client.command('STAT')).toMatch(/\n TYPE: ASCII, STRUcture: File, Mode: Block\n/);
});

test('the facts: a root that cannot be deleted, and names of one file that say so', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'x');
  await client.upload('STOR b', 'x');
  await utimes(ftp.root, 0, 981_173_106);
  expect(await client.command('MLST /')).toMatch(/;modify=20010203040506;perm=celmp;unique=[0-9a-f]+g[0-9a-f]+;/);
  const unique = (line: string) => /;unique=([^;]+);/.exec(line)?.[1];
  const [a, b] = await client.listing('MLSD');
  expect(unique(a ?? '')).toMatch(/^[0-9a-f]+g[0-9a-f]+$/);
  expect(unique(a ?? '')).not.toBe(unique(b ?? ''));
  const told = unique(await client.command('MLST a'));
  expect([unique(a ?? ''), unique(b ?? '')]).toContain(told);
  await expectAnswers(client, [
    ['OPTS MLST unique;type;', '200 MLST OPTS type;unique;'],
    ['OPTS MLST nonsense;', '200 MLST OPTS'],
    ['OPTS UTF8 OFF', '501 '],
    ['OPTS HASH MD5', '501 '],
    ['OPTS NOTHING', '501 '],
    ['MLST a', '250-This is there:\n  /a\n'],
  ]);
});

test('the facts tell what this account may do: to the top of its folder, and outside of a release', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD docs');
  await client.upload('STOR docs/a', 'x');
  const kept = await RawFtp.login(ftp.port, 'docs');
  expect(await kept.command('MLST /')).toMatch(/;perm=celmp;.* \/\n/);
  await expectAnswers(kept, [
    ['RNFR /', '550 '],
    ['RMD /', '550 '],
  ]);
  const releaser = await RawFtp.login(ftp.port, 'releaser');
  expect(await releaser.command('MLST docs/a')).toMatch(/;perm=r;/);
  expect(await releaser.listing('MLSD')).toEqual([expect.stringContaining(';perm=el;')]);
  await releaser.command('SITE RELEASE BEGIN one');
  expect(await releaser.command('MLST docs/a')).toMatch(/;perm=adfrw;/);
  expect(await releaser.listing('MLSD')).toEqual([expect.stringContaining(';perm=cdeflmp;')]);
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
  const ftp = await startFtp();
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
  for (const command of ['NLST .', 'NLST ./', 'NLST -a .']) expect(await client.listing(command)).toEqual(['d']);
  expect(await client.listing('NLST zz*')).toEqual([]);
  for (const command of ['LIST nowhere', 'NLST nowhere', 'MLSD nowhere', 'LIST d/a/b'])
    await expect(client.listing(command)).rejects.toThrow(/^550 /);
  await expect(client.listing('MLSD d/a')).rejects.toThrow(/^501 /);
});

test('a name that begins with a blank is listed after options of ls too, and blanks before another say nothing', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD d');
  await client.upload('STOR  b', 'x');
  await client.upload('STOR d/a', 'x');
  for (const command of ['NLST  b', 'NLST -a  b', 'NLST -a -l  b', 'NLST -a  -l  b', 'NLST --  b'])
    expect(await client.listing(command)).toEqual([' b']);
  for (const command of ['NLST -a  d', 'NLST -a   -l   d', 'NLST -a  d/*'])
    expect(await client.listing(command)).toEqual(['d/a']);
  for (const command of ['NLST -a  ', 'NLST -a   .'])
    expect((await client.listing(command)).sort()).toEqual([' b', 'd']);
  await expect(client.listing('NLST -a  c')).rejects.toThrow(/^550 /);
});

test('listings come in the order of the names, as ls has them, also within a release', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const names = Array.from({ length: 40 }, (_, index) => `f${index}`).sort();
  for (const name of [...names].reverse()) await client.upload(`STOR ${name}`, 'x');
  const nameOf = (line: string) => line.slice(line.lastIndexOf(' ') + 1);
  expect(await client.listing('NLST')).toEqual(names);
  expect(await client.listing('NLST f*')).toEqual(names);
  expect((await client.listing('LIST')).map(nameOf)).toEqual(names);
  expect((await client.listing('MLSD')).map(nameOf)).toEqual(names);
  expect((await client.listing('LIST -a')).map(nameOf)).toEqual(['.', '..', ...names]);
  await client.command('SITE RELEASE BEGIN one');
  await client.upload('STOR f10a', 'x');
  expect(await client.listing('NLST')).toEqual([...names, 'f10a'].sort());
});

test('spaces around what is no name say nothing', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.login(ftp.port);
  await expectAnswers(client, [
    ['TYPE I ', '200 '],
    ['TYPE  A', '200 '],
    ['TYPE L 8 ', '200 '],
    ['MODE S ', '200 '],
    ['STRU F ', '200 '],
    ['EPSV 1 ', '229 '],
    ['PORT 127,0,0,1,200,1 ', '200 '],
    ['EPRT |1|127.0.0.1|51201| ', '200 '],
    ['REST 5 ', '350 The next transfer begins at byte 5.'],
    ['RANG 1 2 ', '350 '],
    ['ALLO 10 ', '200 '],
    ['TYPE I N', '504 '],
    ['MKD  d ', '257 "/ d " '],
  ]);
});

test('the 150 of a download tells its bytes, as Python, curl and wget read them', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', '0123456789');
  const opening = async (...commands: string[]): Promise<string> => {
    for (const command of commands) await client.command(command);
    const data = readAll(await client.data());
    const answer = await client.command('RETR a');
    await data;
    await client.reply();
    return answer;
  };
  expect(await opening()).toMatch(/^150 .* \(10 bytes\)/);
  expect(await opening('REST 4')).toMatch(/^150 .* \(6 bytes\)/);
  expect(await opening('RANG 2 4')).toMatch(/^150 .* \(3 bytes\)/);
  // Nobody knows how many they are.
  expect(await opening('TYPE A')).not.toMatch(/bytes/);
});

test('what clients look for in replies is in them', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', 'x');
  for (const verb of ['SIZE', 'MDTM', 'MLST', 'RETR', 'DELE', 'CWD', 'RNFR', 'LIST'])
    expect(await client.command(`${verb} nothing`)).toMatch(/^550 No such file or directory/);
  await client.command('TYPE A');
  expect(await client.command('SIZE a')).toMatch(/^550 SIZE is not allowed in ASCII mode/);
});

test('what clients send beyond the RFCs: LIST -a, which has . and .., patterns with MLSD, CWD ~', async () => {
  const ftp = await startFtp();
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
