import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { startFtp } from '../support/ftp-server.ts';

test('a file is stored, listed, sized, renamed, read and deleted', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  expect(await client.upload('STOR a.txt', 'hello')).toBe('226 The file is published.');
  expect(await client.command('SIZE a.txt')).toBe('213 5');
  expect(await client.command('MFMT 20200102030405 a.txt')).toBe('213 Modify=20200102030405; a.txt');
  expect(await client.command('MDTM a.txt')).toBe('213 20200102030405');
  expect(withoutUnique(await client.command('MLST a.txt'))).toBe(
    '250-This is there:\n type=file;size=5;modify=20200102030405;perm=adfrw;UNIX.mode=0644; /a.txt\n250 End',
  );
  expect(await client.command('HASH a.txt')).toBe(
    '213 SHA-256 0-4 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 a.txt',
  );
  expect(await client.command('MKD d')).toBe('257 "/d" is made.');
  expect(await client.command('RNFR a.txt')).toMatch(/^350 /);
  expect(await client.command('RNTO d/b.txt')).toMatch(/^250 /);
  expect((await client.download('RETR d/b.txt')).toString()).toBe('hello');
  expect(await client.listing('LIST -l d')).toEqual([
    expect.stringMatching(/^-rw-r--r-- 1 ftp ftp +5 Jan {2}2 {2}2020 b\.txt$/),
  ]);
  expect(await client.listing('NLST')).toEqual(['d']);
  expect(await client.listing('NLST d/*.txt')).toEqual(['d/b.txt']);
  expect((await client.listing('MLSD d')).map(withoutUnique)).toEqual([
    'type=file;size=5;modify=20200102030405;perm=adfrw;UNIX.mode=0644; b.txt',
  ]);
  expect(await client.command('RMD d')).toMatch(/^550 .*not empty/);
  expect(await client.command('DELE d')).toMatch(/^550 /);
  expect(await client.command('DELE d/b.txt')).toMatch(/^250 /);
  expect(await client.command('RMD d')).toMatch(/^250 /);
  expect(await client.command('QUIT')).toBe('221 Goodbye.');
  await client.closed();
  expect(ftp.record).toEqual([
    'put a.txt',
    'touch a.txt 2020-01-02T03:04:05.000Z',
    'mkdir d',
    'rename a.txt d/b.txt',
    'delete d/b.txt',
    'rmdir d',
  ]);
});

test('REST, APPE and STOU', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a', '0123456789');
  await client.command('REST 4');
  expect((await client.download('RETR a')).toString()).toBe('456789');
  await client.command('REST 4');
  expect(await client.upload('STOR a', 'abc')).toMatch(/^226 /);
  expect(await client.upload('APPE a', '!')).toMatch(/^226 /);
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('0123abc!');
  expect(await client.upload('APPE new', 'x')).toMatch(/^226 /);
  await client.upload('STOR empty', '');
  for (const more of ['', 'x', 'y']) expect(await client.upload('APPE empty', more)).toMatch(/^226 /);
  expect(await readFile(join(ftp.root, 'empty'), 'utf8')).toBe('xy');
  await client.command('REST 100');
  expect(await client.upload('STOR a', 'abc')).toMatch(/^554 /);
  await client.command('REST 100');
  await expect(client.download('RETR a')).rejects.toThrow(/^554 /);
  const stored = /published as (page\.[0-9a-f]{16})\./.exec(await client.upload('STOU page', 'unique'))?.[1];
  expect(await readFile(join(ftp.root, stored ?? ''), 'utf8')).toBe('unique');
});

test('names stay what they are', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const names = [
    're port -1',
    ' -a ',
    '"quoted" name',
    '-la',
    '日本語 ファイル.txt',
    '🎉',
    `${'é'.repeat(126)}.js`,
    'a;b=c',
    "it's",
    '20200101000000 x',
  ];
  for (const name of names) expect(await client.upload(`STOR ${name}`, name)).toMatch(/^226 /);
  expect((await client.listing('NLST')).sort()).toEqual([...names].sort());
  for (const name of names) {
    expect((await client.download(`RETR ${name}`)).toString()).toBe(name);
    expect(await client.listing(`NLST ${name}`)).toEqual([name]);
    expect(await client.command(`MDTM ${name}`)).toMatch(/^213 \d{14}$/);
  }
  expect(await client.command('MKD say "hi"')).toBe('257 "/say ""hi""" is made.');
  expect(await client.command('CWD say "hi"')).toMatch(/^250 /);
  expect(await client.command('PWD')).toMatch(/^257 "\/say ""hi"""/);
  await client.command('CDUP');
  await client.upload('STOR e\u0301', 'composed');
  expect((await client.download('RETR \u00e9')).toString()).toBe('composed');
  for (const name of [...names, '\u00e9']) expect(await client.command(`DELE ${name}`)).toMatch(/^250 /);
});

test('links out of the site are not followed, not listed and not overwritten', async () => {
  const ftp = await startFtp();
  const outside = join(ftp.root, '..', 'outside');
  await mkdir(join(outside, 'deep'), { recursive: true });
  await writeFile(join(outside, 'secret'), 'secret');
  await symlink(outside, join(ftp.root, 'dir-link'));
  await symlink(join(outside, 'secret'), join(ftp.root, 'file-link'));
  await symlink(join(outside, 'new'), join(ftp.root, 'dead-link'));
  const look = async () => {
    const infos = await Promise.all([outside, join(outside, 'secret')].map((each) => lstat(each)));
    return {
      names: await readdir(outside, { recursive: true }),
      times: infos.map(({ mtimeMs, nlink }) => [mtimeMs, nlink]),
    };
  };
  const before = await look();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR own', 'own');
  await client.command('MKD folder');
  const record = [...ftp.record];

  expect((await client.listing('NLST')).sort()).toEqual(['folder', 'own']);
  const asked = (await client.listing('MLSD')).map((line) => line.slice(line.indexOf(' ') + 1));
  expect(asked.sort()).toEqual(['folder', 'own']);
  for (const folder of ['dir-link', 'dir-link/deep']) {
    await expect(client.listing(`MLSD ${folder}`)).rejects.toThrow(/^5\d\d /);
    expect(await client.command(`CWD ${folder}`)).toMatch(/^550 /);
    expect(await client.command(`RMD ${folder}`)).toMatch(/^550 /);
  }
  expect(await client.command('PWD')).toMatch(/^257 "\/" /);
  for (const file of ['file-link', 'dead-link', 'dir-link', 'dir-link/secret', 'dir-link/new']) {
    await expect(client.download(`RETR ${file}`)).rejects.toThrow(/^550 /);
    for (const verb of ['STOR', 'APPE'])
      expect(await client.upload(`${verb} ${file}`, 'of the publisher')).toMatch(/^55\d /);
    for (const verb of ['SIZE', 'MDTM', 'MLST', 'HASH', 'MFMT 20200101000000', 'DELE', 'MKD', 'RNFR'])
      expect(await client.command(`${verb} ${file}`), `${verb} ${file}`).toMatch(/^5\d\d /);
    for (const own of ['own', 'folder']) {
      expect(await client.command(`RNFR ${own}`)).toMatch(/^350 /);
      expect(await client.command(`RNTO ${file}`), `RNTO ${file}`).toMatch(/^55\d /);
    }
  }
  expect(ftp.record).toEqual(record);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  expect(await look()).toEqual(before);
  for (const link of ['dir-link', 'file-link', 'dead-link'])
    expect((await lstat(join(ftp.root, link))).isSymbolicLink()).toBe(true);
});

test('an account that is kept to a folder sees it as its root', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD docs');
  await client.upload('STOR secret', 'secret');
  const kept = await RawFtp.login(ftp.port, 'docs');
  expect(await kept.command('PWD')).toMatch(/^257 "\/"/);
  expect(await kept.upload('STOR /a', 'a')).toMatch(/^226 /);
  expect(await kept.command('CWD ..')).toMatch(/^250 "\/"/);
  expect(await kept.listing('NLST')).toEqual(['a']);
  expect(await kept.command('MLST /')).toMatch(/type=dir;.* \/\n/);
  for (const name of ['../secret', '/../secret', 'x/../../secret']) {
    expect(await kept.command(`DELE ${name}`)).toMatch(/^550 /);
    await expect(kept.download(`RETR ${name}`)).rejects.toThrow(/^550 /);
    expect(await kept.upload(`STOR ${name}`, 'x')).toMatch(/^553 /);
  }
  expect(await kept.command('RMD /')).toMatch(/^550 /);
  expect(ftp.record).toEqual(['mkdir docs', 'put secret', 'put docs/a']);
});

test('a mirror account reads, and is told why it may not write', async () => {
  const ftp = await startFtp();
  await (await RawFtp.login(ftp.port)).upload('STOR a', 'content');
  const mirror = await RawFtp.login(ftp.port, 'mirror');
  expect((await mirror.download('RETR a')).toString()).toBe('content');
  const refusal = '550 This account belongs to a mirror and may only read: log in as a publisher to change the site.';
  for (const command of [
    'STOR b',
    'APPE a',
    'STOU',
    'DELE a',
    'MKD d',
    'RMD d',
    'RNFR a',
    'RNTO b',
    'MFMT 20200101000000 a',
    'ALLO 5',
  ]) {
    expect(await mirror.command(command)).toBe(refusal);
  }
  expect(await mirror.command('MDTM 20200101000000 a')).toMatch(/^550 .*may only read/);
  expect(await mirror.command('SITE UTIME 202001010000 a')).toMatch(/^550 .*may only read/);
  expect(await mirror.listing('MLSD')).toEqual([expect.stringContaining(';perm=r;')]);
  expect(ftp.record).toEqual(['put a']);
});

test('every command that is not served, out of order or without sense is answered with a reason', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const answers: [string, RegExp][] = [
    ['XYZZY', /^500 There is no command XYZZY/],
    ['SMNT /', /^502 SMNT is not served/],
    ['PORT 127,0,0,1,200,1', /^502 Active mode is switched off/],
    ['EPRT |1|127.0.0.1|2000|', /^502 Active mode/],
    ['RNTO x', /^503 Send RNFR/],
    ['STOR', /^501 /],
    ['DELE ', /^501 /],
    ['CWD', /^501 /],
    ['CWD nowhere', /^550 /],
    ['RETR a', /^550 /],
    ['STOR a', /^425 .*EPSV or PASV/],
    ['REST -5', /^501 /],
    ['REST 99999999999999999999', /^501 /],
    ['ALLO x', /^501 /],
    ['MODE C', /^504 /],
    ['MODE B', /^200 /],
    ['MODE S', /^200 /],
    ['STRU R', /^504 /],
    ['STRU F', /^200 /],
    ['TYPE E', /^504 /],
    ['TYPE A N', /^200 /],
    ['TYPE L 8', /^200 /],
    ['SYST', /^215 UNIX Type: L8/],
    ['NOOP', /^200 /],
    ['REIN', /^502 /],
    ['CCC', /^534 /],
    ['PROT P', /^503 /],
    ['PBSZ 0', /^503 /],
    ['AUTH TLS', /^503 /],
    ['AUTH GSSAPI', /^504 /],
    ['AUTH', /^501 /],
    ['USER other', /^503 /],
    ['PASS x', /^503 /],
    ['EPSV 2', /^522 .*\(1\)/],
    ['EPSV ALL', /^200 /],
    ['PASV', /^501 /],
    ['OPTS UTF8 ON', /^200 /],
    ['OPTS UTF8 OFF', /^501 /],
    ['OPTS', /^501 /],
    ['OPTS MLST size;type;', /^200 MLST OPTS type;size;$/],
    ['OPTS HASH MD5', /^501 /],
    ['OPTS MLST type ;', /^501 /],
    ['SITE', /^501 /],
    ['SITE HELP', /^214-/],
    ['SITE CHMOD 644 a', /^550 /],
    ['SITE CHMOD 755 /', /^202 /],
    ['SITE CHMOD 644', /^501 /],
    ['SITE CHMOD 649 a', /^501 /],
    ['SITE CHMOD 644 nothing', /^550 /],
    ['SITE EXPECT x', /^501 /],
    ['SITE EXEC ls', /^500 /],
    ['HELP', /^214-[^]* STOR/],
    ['HELP STOR', /^214 STOR file$/],
    ['HELP NOPE', /^502 /],
    ['ABOR', /^226 /],
    ['STAT', /^211-/],
    ['MFMT 2020 a', /^501 /],
    ['MFMT 20200101000000', /^501 /],
    ['DELE .lockstep/x', /^550 /],
    ['MKD .Lockstep', /^550 /],
    ['RMD .', /^550 /],
    [`MKD ${'x'.repeat(256)}`, /^550 /],
    ['MKD a\\b', /^550 /],
    ['MLSD nowhere', /^550 /],
  ];
  const got: [string, string][] = [];
  for (const [command] of answers) got.push([command, await client.command(command)]);
  expect(got).toEqual(answers.map(([command, answer]) => [command, expect.stringMatching(answer)]));
  expect(ftp.record).toEqual([]);
  for (const [, answer] of got) expect(answer).not.toContain(ftp.root);
});

test('the features that clients look for', async () => {
  const ftp = await startFtp({ config: { active: true } });
  const client = await RawFtp.connect(ftp.port);
  expect((await client.command('FEAT')).split('\n')).toEqual([
    '211-Extensions:',
    ' AUTH TLS',
    ' EPSV',
    ' EPRT',
    ' HASH SHA-256*;',
    ' HOST',
    ' MDTM',
    ' MFMT',
    ' MLST type*;size*;modify*;perm*;unique*;UNIX.mode*;',
    ' MODE B',
    ' PBSZ',
    ' PROT',
    ' RANG STREAM',
    ' REST STREAM',
    ' SITE EXPECT',
    ' SITE PART',
    ' SITE RELEASE',
    ' SITE UTIME',
    ' SIZE',
    ' TVFS',
    ' UTF8',
    '211 End',
  ]);
});

test('times are set by MDTM and SITE UTIME too', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.upload('STOR a b', 'x');
  expect(await client.command('MDTM 20200102030405 a b')).toMatch(/^213 /);
  expect(await client.command('SITE UTIME 202102030405 a b')).toMatch(/^200 /);
  expect(await client.command('SITE UTIME a b 20220101000000 20220102030405 20220101000000 UTC')).toMatch(/^200 /);
  expect(ftp.record).toEqual([
    'put a b',
    'touch a b 2020-01-02T03:04:05.000Z',
    'touch a b 2021-02-03T04:05:00.000Z',
    'touch a b 2022-01-02T03:04:05.000Z',
  ]);
});

test('commands that come together are answered in their order', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  client.write('MKD a\r\nCWD a\r\nMKD b\r\nCWD b\r\nPWD\r\nNOPE\r\nCDUP\r\nRMD b\r\n');
  const codes: string[] = [];
  for (let count = 0; count < 8; count += 1) codes.push((await client.reply()).slice(0, 12));
  expect(codes).toEqual([
    '257 "/a" is ',
    '250 "/a" is ',
    '257 "/a/b" i',
    '250 "/a/b" i',
    '257 "/a/b" i',
    '500 There is',
    '250 "/a" is ',
    '250 The fold',
  ]);
});

test('sessions are shown', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('MKD d');
  await client.command('CWD d');
  const data = await client.data();
  await client.command('STOR big');
  expect(ftp.server.sessions()).toEqual([
    {
      id: expect.any(String),
      address: '127.0.0.1',
      user: 'publisher',
      secure: false,
      since: expect.any(Number),
      folder: '/d',
      transfer: { kind: 'upload', path: 'd/big', bytes: 0, startedAt: expect.any(Number) },
    },
  ]);
  data.end('x');
  await client.reply();
  expect(ftp.events.map((event) => event.type)).toEqual(['sessionOpened', 'loggedIn', 'transferEnded']);
});

/** The folder without a master behind it has no such fact. */
function withoutUnique(line: string): string {
  return line.replace(/unique=[0-9a-f]+g[0-9a-f]+;/, '');
}
