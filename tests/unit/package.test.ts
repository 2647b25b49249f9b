import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger } from 'builder-util';
import { describe, expect, test } from 'vitest';
import { icns, ico, png } from '../../build/icons/encode.ts';
import { builderConfiguration, fuses } from '../../build/package/builder.ts';
import { feedFault } from '../../build/package/feed.ts';
import { wireFaults } from '../../build/package/fuse-wire.ts';
import { notarisationFault, signsForMac } from '../../build/package/notarisation.ts';
import { emptyOutput } from '../../build/package/output-folder.ts';
import { publisher } from '../../build/package/publisher.ts';
import { APP_ID } from '../../electron/main/app-id.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const icons = join(import.meta.dirname, '..', '..', 'build', 'icons');

const feed = 'https://updates.example.org/lockstep';
const output = '/tmp/out';

describe('the configuration of the installers', () => {
  test.each(['linux', 'win', 'mac'] as const)('is valid for %s, with a feed and without', async (system) => {
    const logger = new DebugLogger(false);
    for (const from of [undefined, feed])
      await validateConfiguration(builderConfiguration({ system, output, feed: from }), logger);
    await expect(
      validateConfiguration({ ...builderConfiguration({ system, output }), mistyped: true } as never, logger),
    ).rejects.toThrow('mistyped');
  });

  test('has no feed unless one is named, and on Linux none at all: nothing is signed there', () => {
    const publish = (system: 'linux' | 'win' | 'mac', from?: string) =>
      builderConfiguration({ system, output, feed: from }).publish;
    expect([publish('mac'), publish('win'), publish('linux', feed)]).toEqual([null, null, null]);
    for (const system of ['win', 'mac'] as const)
      expect(publish(system, feed)).toEqual([{ provider: 'generic', url: feed }]);
  });

  test('demands a signature of what is released, and of what updates itself', () => {
    const forced = (system: 'linux' | 'win' | 'mac', more: object) =>
      builderConfiguration({ system, output, ...more }).forceCodeSigning;
    for (const system of ['win', 'mac'] as const)
      expect([{}, { release: true }, { feed }].map((more) => forced(system, more))).toEqual([false, true, true]);
    expect(forced('linux', { release: true })).toBe(false);
  });

  test('makes the signature of a Mac app anew where no real one follows: the fuses have broken it', () => {
    const anew = (system: 'linux' | 'win' | 'mac', release: boolean) =>
      builderConfiguration({ system, output, release }).electronFuses?.resetAdHocDarwinSignature;
    expect([anew('mac', false), anew('mac', true), anew('win', false), anew('linux', false)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('names the app as the app names itself to Windows', () => {
    expect(builderConfiguration({ system: 'win', output }).appId).toBe(APP_ID);
    expect(publisher.appId).toBe(APP_ID);
  });

  test('takes the runtime of AppImages that keeps the sandbox, and makes one installer for Windows', () => {
    const { toolsets, nsis } = builderConfiguration({ system: 'linux', output });
    // With the older one electron-builder starts the app with --no-sandbox.
    expect(toolsets?.appimage).not.toBe('0.0.0');
    expect(toolsets?.appimage).toBeDefined();
    expect(nsis?.artifactName).not.toContain('arch');
    expect(existsSync(join(import.meta.dirname, '..', '..', nsis?.include ?? ''))).toBe(true);
  });

  test('says each fuse, and leaves none open that runs what is not ours', () => {
    const open = Object.entries(fuses).flatMap(([name, on]) => (on ? [name] : []));
    expect(open.sort()).toEqual([
      'enableCookieEncryption',
      'enableEmbeddedAsarIntegrityValidation',
      'onlyLoadAppFromAsar',
    ]);
  });
});

describe('fuses are read back', () => {
  const wire = (states: string): string =>
    `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001${String.fromCharCode(states.length)}${states}`;
  const right = wire('01001100');
  const slices = (...parts: string[]): Buffer => Buffer.from(`MACH-O${parts.join('\0'.repeat(50))}\0tail`, 'latin1');

  test('of a binary for one processor, also where Electron has a fuse more', () => {
    expect(wireFaults(slices(right), 1)).toEqual([]);
    expect(wireFaults(slices(wire('010011001')), 1)).toEqual([]);
    expect(wireFaults(slices(wire('1r00110')), 1)).toEqual([
      'wire 1: runAsNode is on, not off',
      'wire 1: enableCookieEncryption is removed, not on',
      'wire 1: grantFileProtocolExtraPrivileges is not there, not off',
    ]);
  });

  test('of each slice of a binary for two, whichever is wrong', () => {
    expect(wireFaults(slices(right, right), 2)).toEqual([]);
    expect(wireFaults(slices(right, wire('11001100')), 2)).toEqual(['wire 2: runAsNode is on, not off']);
    expect(wireFaults(slices(wire('11001100'), right), 2)).toEqual(['wire 1: runAsNode is on, not off']);
    expect(wireFaults(slices(right), 2)).toEqual(['there are 1 wires, not 2']);
  });

  test('of what is no Electron, or of another kind, as a fault', () => {
    expect(wireFaults(Buffer.from('nothing'), 1)).toEqual(['there are 0 wires, not 1']);
    expect(wireFaults(slices(right.replace('\u0001', '\u0002')), 1)).toEqual(['wire 1: its version is 2']);
  });
});

test.each([
  [undefined, true],
  [feed, true],
  ['http://updates.example.org/lockstep', false],
  ['https://me:secret@updates.example.org/', false],
  ['file:///srv/feed', false],
  ['updates.example.org', false],
  ['', false],
])('a feed of %s is taken: %s', (address, isTaken) => {
  expect(feedFault(address) === undefined).toBe(isTaken);
  expect(feedFault(address) ?? '').not.toContain('secret');
});

describe('what is signed for macOS', () => {
  const key = { APPLE_API_KEY: '/secret.p8', APPLE_API_KEY_ID: 'id', APPLE_API_ISSUER: 'issuer' };

  test('is so as soon as there is a certificate', () => {
    expect([{}, { CSC_LINK: '' }, { CSC_LINK: 'base64' }, { CSC_NAME: 'Lockstep' }].map(signsForMac)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test.each([
    [key, undefined],
    [{ APPLE_ID: 'me@example.org', APPLE_APP_SPECIFIC_PASSWORD: 'secret', APPLE_TEAM_ID: 'T' }, undefined],
    [{ APPLE_KEYCHAIN_PROFILE: 'lockstep' }, undefined],
    [{}, 'APPLE_API_KEY, APPLE_API_KEY_ID, APPLE_API_ISSUER'],
    [{ ...key, APPLE_API_ISSUER: '' }, 'APPLE_API_ISSUER'],
    [{ APPLE_ID: 'me@example.org', APPLE_APP_SPECIFIC_PASSWORD: 'secret' }, 'APPLE_TEAM_ID'],
  ])('has to be notarised: with %j what is missing is %s', (environment, missing) => {
    const fault = notarisationFault(environment);
    expect(fault?.split(': set ')[1]).toBe(missing);
    expect(fault ?? '').not.toContain('secret');
  });
});

describe('the folder for packages', () => {
  test('is emptied where packages were made before', async () => {
    const folder = await temporaryFolder();
    for (const name of ['linux-unpacked', 'win-arm64-unpacked', '.icon-ico']) mkdirSync(join(folder, name));
    for (const name of ['linux-unpacked/app', 'old.deb', 'builder-debug.yml']) writeFileSync(join(folder, name), '');
    expect(emptyOutput(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    expect(emptyOutput(folder)).toBeUndefined();
    writeFileSync(join(folder, 'lockstep_0.1.0_all.deb'), '');
    expect(emptyOutput(folder)).toBeUndefined();
    expect(emptyOutput(join(folder, 'new'))).toBeUndefined();
  });

  test('is left alone where it is somebody’s', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'pictures'));
    writeFileSync(join(folder, 'letter.txt'), 'dear');
    expect(emptyOutput(folder)).toMatch(/holds other things than packages/);
    expect(emptyOutput(join(folder, 'letter.txt'))).toMatch(/is a file/);
    expect(readdirSync(folder).sort()).toEqual(['letter.txt', 'pictures']);
  });
});

describe('the icons', () => {
  test('are drawn from the picture as it is', () => {
    const source = readFileSync(join(icons, 'icon.svg'));
    const stamp = readFileSync(join(icons, 'icon.svg.sha256'), 'utf8').trim();
    expect(stamp, 'run: node build/icons/draw.ts').toBe(createHash('sha256').update(source).digest('hex'));
  });

  test.each([16, 24, 32, 48, 64, 96, 128, 256, 512])('for Linux: %i × %i', (size) => {
    const file = readFileSync(join(icons, 'linux', `${size}x${size}.png`));
    expect([file.readUInt32BE(16), file.readUInt32BE(20)]).toEqual([size, size]);
  });

  test('for Windows: its sizes, each within the file', () => {
    const file = readFileSync(join(icons, 'icon.ico'));
    const count = file.readUInt16LE(4);
    const entries = Array.from({ length: count }, (_, index) => file.subarray(6 + 16 * index, 22 + 16 * index));
    expect(entries.map((entry) => entry.readUInt8(0) || 256)).toEqual([16, 20, 24, 32, 40, 48, 64, 256]);
    const last = entries.at(-1)!;
    expect(last.readUInt32LE(8) + last.readUInt32LE(12)).toBe(file.length);
  });

  test('for macOS: every block as long as it says', () => {
    const file = readFileSync(join(icons, 'icon.icns'));
    const types: string[] = [];
    for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) types.push(file.toString('latin1', at, at + 4));
    expect(file.readUInt32BE(4)).toBe(file.length);
    expect(types).toEqual(['icp4', 'icp5', 'ic11', 'ic12', 'ic07', 'ic08', 'ic13', 'ic09', 'ic14', 'ic10']);
  });

  test('what is encoded holds the colours that were given', async () => {
    const { inflateSync } = await import('node:zlib');
    const rgba = Uint8Array.from([255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 64, 9, 8, 7, 6]);
    const file = png({ size: 2, rgba });
    const rows = inflateSync(file.subarray(41, 41 + file.readUInt32BE(33)));
    // The filter "up": the second row as the difference from the first.
    expect([...rows]).toEqual([2, 255, 0, 0, 255, 0, 255, 0, 128, 2, 1, 0, 255, 65, 9, 9, 7, 134]);
    const icon = ico([{ size: 2, rgba }]);
    expect([...icon.subarray(22 + 40, 22 + 48)]).toEqual([255, 0, 0, 64, 7, 8, 9, 6]);
    expect(() => icns([{ size: 2, rgba }])).toThrow('16 × 16');
  });
});
