import { expect, test } from 'vitest';
import { decodePairingCode, encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { splitAddress } from '../../electron/engine/link/connect.ts';

const code = {
  addresses: ['192.0.2.1:2122', '[2001:db8::1]:2122'],
  fingerprint: 'a'.repeat(64),
  secret: 'Zm9vYmFyYmF6cXV4MTIzNA',
  expiresAt: 1_000,
  site: 'www',
};
const text = encodePairingCode(code);

test('a code is one line without spaces, and survives a line break', () => {
  expect(text).toMatch(/^lockstep1-[\w-]+$/);
  expect(decodePairingCode(` ${text.slice(0, 76)}\r\n${text.slice(76)}\n`)).toEqual(code);
});

test('it may come as a link', () => {
  for (const link of [`lockstep:${text}`, `lockstep://${text}`, ` lockstep://${text}/\n`])
    expect(decodePairingCode(link)).toEqual(code);
});

test('one that is not whole is none', () => {
  for (const wrong of [
    '',
    'lockstep1-',
    'lockstep:',
    `lockstep:lockstep:${text}`,
    `lockstep://join/${text}`,
    'hello',
    text.slice(0, -1),
    `${text}x`,
    text.slice(1),
    text.toUpperCase(),
    'x'.repeat(1e6),
  ])
    expect(() => decodePairingCode(wrong)).toThrow(expect.objectContaining({ code: 'pair.bad-code' }));
});

test('addresses', () => {
  expect(['192.0.2.1:1', 'mirror.example:65535', '[2001:db8::1]:2122'].map(splitAddress)).toEqual([
    { host: '192.0.2.1', port: 1 },
    { host: 'mirror.example', port: 65_535 },
    { host: '2001:db8::1', port: 2122 },
  ]);
  for (const wrong of ['', 'host', 'host:', ':1', 'host:0', 'host:65536', '2001:db8::1', '2001:db8::1:2122', 'host:1x'])
    expect(() => splitAddress(wrong)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
});
