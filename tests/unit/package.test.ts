import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger } from 'builder-util';
import { describe, expect, test } from 'vitest';
import { builderConfiguration, fuses } from '../../build/package/builder.ts';
import { icns, ico, png } from '../../build/icons/encode.ts';

const icons = join(import.meta.dirname, '..', '..', 'build', 'icons');

describe('the configuration of the installers', () => {
  test('is valid, with a feed and without', async () => {
    const logger = new DebugLogger(false);
    for (const feed of [undefined, 'https://updates.example.org/lockstep'])
      await validateConfiguration(builderConfiguration({ output: '/tmp/out', feed }), logger);
    await expect(
      validateConfiguration({ ...builderConfiguration({ output: '/tmp/out' }), mistyped: true } as never, logger),
    ).rejects.toThrow('mistyped');
  });

  test('has no feed unless one is named', () => {
    expect(builderConfiguration({ output: '/tmp/out' }).publish).toBeNull();
    const feed = 'https://updates.example.org/lockstep';
    const fed = builderConfiguration({ output: '/tmp/out', feed });
    expect(fed.publish).toEqual([{ provider: 'generic', url: feed }]);
    expect(fed.forceCodeSigning, 'what updates itself is signed').toBe(true);
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
