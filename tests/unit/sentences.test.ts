import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askedOf } from '../../electron/entry/cli/asked-of.ts';
import { errorOfPeer } from '../../shared/contract/primitives.ts';
import { type ErrorCode, errorCodes } from '../../shared/errors/codes.ts';
import { breakReasons } from '../../shared/errors/problems.ts';
import { sentence, sentenceParts } from '../../shared/errors/sentences.en.ts';
import * as japanese from '../../shared/errors/sentences.ja.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

// These two are of the command line, and of a browser that came without its key.
const shellCodes: readonly ErrorCode[] = ['usage.invalid', 'console.refused'];

test.each(codes.filter((code) => !shellCodes.includes(code)))('%s says in the app what can be done there', (code) => {
  const { mend } = sentenceParts({ code, params: {} }, 'app');
  expect(mend).toMatch(/^\S.*\S\.$/su);
  expect(mend).not.toMatch(/lockstep [a-z]+ [a-z]+|--[a-z]/u);
});

test.each(codes)('%s has two whole sentences in Japanese', (code) => {
  const { what, mend } = japanese.sentenceParts({ code, params: {} });
  for (const text of [what, mend]) {
    expect(text).toMatch(/^\S.*[^。]。$/su);
    expect(text).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}]/u);
    expect(text).not.toMatch(/[{}|%!！]|undefined| {2}|。。|、。|（）|「」/u);
  }
});

test('a server that does not answer is not resumed where it is only tried; a path that is only part of one is named', () => {
  const { mend } = sentenceParts({ code: 'publish.unreachable', params: {} }, 'app');
  expect(mend).toBe('Check the address, the port and any firewall in the way, then try again.');
  expect(sentence({ code: 'file.relative', params: { path: 'site' } })).toMatch(/^“site” is only part of a path/u);
  expect(sentence({ code: 'file.relative', params: {} })).toMatch(/^This is only part of a path/u);
});

test('Japanese says the same parameters as English', () => {
  const params = { path: 'a/b.html', group: 'front', missing: 'c.css', peer: 'tokyo', count: 3, of: 9 };
  for (const code of codes) {
    const english = sentence({ code, params });
    const inJapanese = japanese.sentence({ code, params });
    for (const value of ['a/b.html', 'front', 'c.css', 'tokyo']) {
      if (english.includes(value)) expect(inJapanese, code).toContain(value);
    }
  }
});

test.each(codes)('%s has two whole sentences without any parameter', (code) => {
  const { what, mend } = sentenceParts({ code, params: {} });
  for (const text of [what, mend]) {
    expect(text).toMatch(/^\S.*\S\.$/su);
    expect(text).not.toMatch(/[{}|%!]|undefined| {2}| [.,:]|\.\.$/u);
  }
});

test('a name that ends with a full stop keeps it, a saying does not', () => {
  expect(sentence({ code: 'file.not-found', params: { path: 'a/v1.' } })).toContain('“a/v1.”');
  const params = { address: 'origin:2121', reason: 'Try again later.' };
  expect(sentence({ code: 'fetch.put-off', params })).toContain('“Try again later”');
});

/** Of another machine: nobody knows its data folder. */
const ELSEWHERE = /^lockstep (?:invite|join\)|lockstep …|site remove or follow remove, with the --data of)/u;

test.each(codes)('%s names commands for the install that was asked', (code) => {
  const error = { code, params: { rescan: 'www', same: ' --data /of/somebody/else' } };
  const same = ' --data ./a%b{path|x}.';
  const text = sentence(error, 'shell', same);
  const named = text.split(/(?=lockstep [a-z])/u).filter((part) => /^lockstep [a-z]/u.test(part));
  for (const command of named) if (!ELSEWHERE.test(command)) expect(command).toContain(same);
  expect(text).not.toContain('/of/');
  expect(sentence(error, 'app', same) + sentence(error)).not.toContain('--data /');
});

test('says the parameters that it was given', () => {
  expect(sentence({ code: 'port.busy', params: { port: 2121, host: '0.0.0.0' } })).toBe(
    'Port 2121 at 0.0.0.0 is in use by another program. Stop that program, or set another port in config.json.',
  );
  expect(sentence({ code: 'site.exists', params: { name: 'www' } })).toBe(
    'The site “www” is already here. Choose another name, or remove that site first.',
  );
});

test('a phrase with a parameter says where it stands: else it would come after the phrase', async () => {
  const folder = new URL('../../shared/errors/', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:en|ja)\.ts$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
  expect(texts.flatMap((text) => text.match(/\{\w+\?[^%|{}]*\|/g) ?? [])).toEqual([]);
  expect(sentence({ code: 'upload.too-large', params: { limit: 1_000_000 } })).toMatch(
    /^This file is larger than the limit of 1,000,000 bytes\. /,
  );
});

test('what helps is named: who holds a port, what lets deletes go on, how an account gets another password', () => {
  const held = { port: 2121, host: '0.0.0.0', program: 'vsftpd', pid: 812 };
  expect(sentence({ code: 'port.busy', params: held })).toContain(
    'in use by “vsftpd” (process 812). Stop that program',
  );
  expect(sentence({ code: 'port.busy', params: { port: 2121, find: 'sudo ss -ltnp sport = :2121' } })).toContain(
    'config.json; “sudo ss -ltnp sport = :2121” tells which it is.',
  );
  const guard = { count: 12, of: 12 };
  expect(sentence({ code: 'guard.held', params: guard })).toContain('let it go on, as lockstep waiting list says;');
  expect(sentence(askedOf({ code: 'guard.held', params: guard }))).toContain(
    'If you mean it, say so with --allow-deletes; otherwise check the folder first.',
  );
  expect(sentence({ code: 'account.exists', params: { user: 'alice' } })).toContain('lockstep account password');
});

test('a value from a peer cannot steer a terminal, fill it, or bring placeholders of its own', () => {
  const text = sentence({ code: 'file.not-found', params: { path: `\u001b[2J{path|x}%\u202e${'a'.repeat(5000)}` } });
  expect(text).toContain('“\ufffd[2J{path|x}%\ufffdaaa');
  expect(text.length).toBeLessThan(420);
});

test.each(breakReasons)('why an upload broke off (%s) is said in words, in both languages', (reason) => {
  const error = { code: 'upload.aborted', params: { path: 'a.bin', reason } } as const;
  expect(sentence(error)).toMatch(/^The upload of “a\.bin” broke off: [a-z ]+\. The old file is untouched\./u);
  expect(sentence(error)).not.toMatch(/-|: (?:reset|abort|error|short|stalled)\./u);
  expect(japanese.sentence(error)).toMatch(/^「a\.bin」のアップロードが中断しました（[^a-z]+）。/u);
});

test('whatever the parameters are, the outcome is one line', () => {
  const params = fc.dictionary(
    fc.constantFrom('path', 'host', 'port', 'reason', 'peer', 'name', 'key', 'problem', '__proto__', 'toString'),
    fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean()),
  );
  fc.assert(
    fc.property(fc.constantFrom(...codes), params, (code, given) => {
      expect(sentence({ code, params: given })).not.toMatch(/[\r\n\u001b]/u);
    }),
  );
});

test('nothing that another install says becomes a part of a command', async () => {
  const folder = 'shared/errors/sentences';
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(`${folder}/${file}`, 'utf8')));
  const keys = texts.flatMap((text) => [...text.matchAll(/\{(\w+)[|?]/g)].map(([, key = '']) => key));
  expect(keys).toContain('group');
  const params = Object.fromEntries(keys.map((key) => [key, 'x; reboot']));
  for (const code of codes) {
    const error = errorOfPeer.parse({ code, params });
    for (const text of [sentence(error, 'shell'), japanese.sentence(error)])
      expect(text).not.toMatch(/lockstep [^”」]*; reboot|[“「]x; reboot[”」] (?:tells|で)/u);
  }
});
