import { expect, test } from 'vitest';
import { chooseLogins } from '../../electron/engine/publishing/logins/choose.ts';
import { readFileZilla } from '../../electron/engine/publishing/logins/filezilla.ts';
import { readNetrc } from '../../electron/engine/publishing/logins/netrc.ts';
import { TARGETS_MAX } from '../../shared/contract/publishing.ts';
import { IMPORT_ENTRIES_MAX, IMPORT_LENGTH_MAX } from '../../shared/contract/target-import.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function server(fields: Readonly<Record<string, string>>, rest = ''): string {
  const elements = Object.entries(fields).map(([name, value]) =>
    name === 'Pass' ? `<Pass encoding="base64">${base64(value)}</Pass>` : `<${name}>${value}</${name}>`,
  );
  return `<Server>${elements.join('')}${rest}</Server>`;
}

function filezilla(servers: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<FileZilla3 version="3.66.5" platform="*nix"><Servers>${servers}</Servers></FileZilla3>`;
}

const authority = { by: 'authority' } as const;
const usual = { port: 21, protocol: 'ftps', folder: '', trust: authority } as const;

test('FileZilla: folders nest, passwords are base64, what is not FTP is named', () => {
  const text = filezilla(
    [
      server({
        Host: 'a.example.org',
        Port: '2121',
        Protocol: '4',
        User: 'alice',
        Pass: 'pä "ss"',
        Name: 'Shop &amp; co',
      }),
      '<Folder expanded="1">Customers&#10;',
      server(
        {
          Host: 'b.example.org',
          Port: '21',
          Protocol: '0',
          User: 'bob',
          Pass: 'b',
          Name: 'B',
          RemoteDir: '1 0 3 var 7 www one',
        },
        '<Bookmark><Name>other</Name><RemoteDir>1 0 5 wrong</RemoteDir></Bookmark>',
      ),
      '<Folder expanded="0">Old',
      server({ Host: 'c.example.org', Protocol: '6', Logontype: '0', User: '', Name: 'C' }),
      server({ Host: 'd.example.org', Protocol: '1', User: 'dora', Pass: 'd', Name: 'By ssh' }),
      server({ Host: 'e.example.org', Port: '990', Protocol: '3', User: 'e', Name: 'Implicit' }),
      '</Folder></Folder>',
    ].join(''),
  );
  expect(chooseLogins(text, [])).toEqual({
    kind: 'filezilla',
    targets: [
      { place: { ...usual, name: 'Shop-co', host: 'a.example.org', port: 2121, user: 'alice' }, password: 'pä "ss"' },
      { place: { ...usual, name: 'B', host: 'b.example.org', user: 'bob', folder: '/var/www one' }, password: 'b' },
      { place: { ...usual, name: 'C', host: 'c.example.org', user: 'anonymous', protocol: 'ftp' } },
    ],
    skipped: [
      { name: 'By ssh', reason: 'sftp' },
      { name: 'Implicit', reason: 'implicit-tls' },
    ],
  });
});

test('FileZilla: what was used lately, and waits to be sent, is not what was saved', () => {
  const one = server({ Host: 'a.example.org', User: 'a', Pass: 'a', Name: 'A' });
  const text = `<FileZilla3><RecentServers>${one}</RecentServers><Servers/><Queue>${one}</Queue></FileZilla3>`;
  expect(readFileZilla(text)).toEqual([]);
});

test('passwords under a master password are refused with what to do', () => {
  const text = filezilla('<Server><Host>a</Host><User>a</User><Pass encoding="crypt" pubkey="x">AAAA</Pass></Server>');
  expect(() => chooseLogins(text, [])).toThrow(expect.objectContaining({ code: 'import.encrypted' }));
});

test('netrc: words in quotes, any lines, comments, macros and default', () => {
  const text = [
    '# of the house',
    'machine ftp.example.org login alice password "a \\"b\\" #1"',
    'macdef upload',
    'machine not.example.org login x password y',
    '',
    'machine',
    '  other.example.org port 2121',
    '  password #sharp login bob account z',
    'machine half.example.org',
    'default login anonymous password me@',
  ].join('\r\n');
  expect(chooseLogins(text, [])).toEqual({
    kind: 'netrc',
    targets: [
      { place: { ...usual, name: 'ftp.example.org', host: 'ftp.example.org', user: 'alice' }, password: 'a "b" #1' },
      {
        place: { ...usual, name: 'other.example.org', host: 'other.example.org', port: 2121, user: 'bob' },
        password: '#sharp',
      },
    ],
    skipped: [
      { name: 'half.example.org', reason: 'no-user' },
      { name: 'default', reason: 'default' },
    ],
  });
});

test('a name that is taken gets a number, what is saved already is left out, and there is an end', () => {
  const place = { ...usual, host: 'a.example.org', user: 'a' };
  const saved = [{ ...place, name: 'A' }];
  const text = filezilla(
    [
      server({ Host: 'a.example.org', User: 'a', Pass: 'x', Name: 'Again' }),
      server({ Host: 'b.example.org', User: 'a', Pass: 'x', Name: 'A' }),
      server({ Host: 'b.example.org', User: 'b', Pass: 'x', Name: 'A' }),
      server({ Host: 'b.example.org', User: 'b', Pass: 'y', Name: 'A once more' }),
      server({ Host: 'c.example.org', User: 'c', Name: '𠮷'.repeat(80) }),
      server({ Host: 'd.example.org', User: 'd', Name: '…' }),
    ].join(''),
  );
  const { targets, skipped } = chooseLogins(text, saved);
  expect(targets.map(({ place: { name } }) => name)).toEqual(['A-2', 'A-3', '𠮷'.repeat(64), 'd.example.org']);
  expect(skipped).toEqual([
    { name: 'Again', reason: 'saved-already' },
    { name: 'A once more', reason: 'saved-already' },
  ]);
  const full = Array.from({ length: TARGETS_MAX }, (_, index) => ({ ...place, name: `t${index}`, user: `u${index}` }));
  expect(chooseLogins(text, full).targets).toEqual([]);
});

test.each([
  ['a line break in the user', { User: 'a\nSITE CHMOD', Host: 'h' }, 'characters'],
  ['a NUL in the password', { User: 'a', Host: 'h', Pass: 'a\0b' }, 'characters'],
  ['an escape in the folder', { User: 'a', Host: 'h', RemoteDir: '1 0 3 a\u001bb' }, 'characters'],
  ['an address as the host', { User: 'a', Host: 'ftp://h/' }, 'characters'],
  ['a port that is none', { User: 'a', Host: 'h', Port: '70000' }, 'characters'],
  ['no host', { User: 'a', Name: 'n\u202eame' }, 'no-server'],
])('%s is left out, by a name of one short line', (_, fields, reason) => {
  const { targets, skipped } = chooseLogins(filezilla(server(fields)), []);
  expect(targets).toEqual([]);
  expect(skipped).toEqual([{ name: expect.stringMatching(/^[^\p{C}]{1,64}$/u), reason }]);
});

test('entities of the file itself are not known, however many it declares', () => {
  const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
  const text = filezilla(server({ Host: 'h', User: '&l9;&x;', Pass: 'p', Name: 'n' })).replace(
    '<FileZilla3',
    `<!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY x SYSTEM "file:///etc/passwd">${laughs}]><FileZilla3`,
  );
  const users = readFileZilla(text)?.map(({ user }) => user) ?? [];
  expect(users.every((user) => user.length < 20 && !user.includes('ha') && !user.includes('root'))).toBe(true);
});

test('too much of anything is refused, and soon', () => {
  const deep = filezilla('<Folder>'.repeat(20_000) + server({ Host: 'h', User: 'u', Name: 'n' }));
  expect(chooseLogins(deep, []).targets).toHaveLength(1);
  const many = `${'machine a login b\n'.repeat(IMPORT_ENTRIES_MAX)}machine c login d`;
  for (const text of [' '.repeat(IMPORT_LENGTH_MAX + 1), many])
    expect(() => chooseLogins(text, [])).toThrow(expect.objectContaining({ code: 'import.too-large' }));
  expect(readNetrc('macdef a\n'.repeat(20_000))).toEqual([]);
});

test.each([
  '',
  'hello',
  '<html><Servers></Servers></html>',
  'login a machine b',
  '{"a": 1}',
  '\0\0\0',
  '<',
  'machine a login b junk',
])('%j is neither kind', (text) => {
  expect(() => chooseLogins(text, [])).toThrow(expect.objectContaining({ code: 'import.unknown' }));
});
