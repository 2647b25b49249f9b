import { expect, test } from 'vitest';
import type { Random } from '../simulation/disk/random.ts';
import { SimulatedDisk } from '../simulation/disk/simulated-disk.ts';

const NOTHING_KEPT: Random = () => 0;

function aDisk() {
  const disk = new SimulatedDisk();
  disk.mount('/sim/n', { unflushed: 'any' });
  const { files } = disk;
  return {
    files,
    fail: () => {
      disk.faults('/sim/n').failsFlush = () => ({ code: 'EIO', kept: NOTHING_KEPT });
    },
    succeed: () => {
      delete disk.faults('/sim/n').failsFlush;
    },
    flush: (path: string) => {
      const fd = files.open(path, 'r', 0);
      try {
        files.sync(fd, 'fsync');
      } finally {
        files.close(fd);
      }
    },
    write: (path: string, text: string, flags = 'w', at: number | null = null) => {
      const fd = files.open(path, flags, 0o644);
      files.write(fd, Buffer.from(text), at);
      files.close(fd);
    },
    afterPowerLoss: () => {
      disk.crash('/sim/n', NOTHING_KEPT);
      return [...disk.visible('/sim/n')].map(([path, found]) => [
        path,
        found.kind === 'file' ? found.content.toString().replaceAll('\0', '.') : found.kind,
      ]);
    },
  };
}

test('what a flush could not write is gone with the power, though a later one succeeds and programs see it until then', () => {
  const { files, fail, succeed, flush, write, afterPowerLoss } = aDisk();
  write('/sim/n/a', 'one');
  flush('/sim/n/a');
  flush('/sim/n');
  write('/sim/n/a', 'two', 'r+', 0);
  write('/sim/n/b', 'other');
  flush('/sim/n/b');
  fail();
  expect(() => flush('/sim/n/a')).toThrow('EIO');
  expect(() => flush('/sim/n')).toThrow('EIO');
  succeed();
  flush('/sim/n/a');
  flush('/sim/n');
  const seen = Buffer.alloc(3);
  const fd = files.open('/sim/n/a', 'r', 0);
  files.read(fd, seen, 0);
  expect(seen.toString()).toBe('two');
  expect(afterPowerLoss()).toEqual([['/sim/n/a', 'one']]);
});

test('what was written anew after it is there, and takes its page along', () => {
  const { files, fail, succeed, flush, write, afterPowerLoss } = aDisk();
  write('/sim/n/a', 'one');
  flush('/sim/n/a');
  write('/sim/n/a', `two${'.'.repeat(8189)}far`, 'r+', 0);
  fail();
  expect(() => flush('/sim/n/a')).toThrow('EIO');
  expect(() => flush('/sim/n')).toThrow('EIO');
  succeed();
  files.rename('/sim/n/a', '/sim/n/b');
  write('/sim/n/b', 'w', 'r+', 1);
  flush('/sim/n/b');
  flush('/sim/n');
  expect(afterPowerLoss()).toEqual([['/sim/n/b', 'two']]);
});

test('where it is lost that a folder was made, nothing that is put into it is on the disk, whatever a flush says, until it is renamed', () => {
  const { files, fail, succeed, flush, write, afterPowerLoss } = aDisk();
  for (const name of ['one', 'two', 'other']) {
    write(`/sim/n/${name}`, name);
    flush(`/sim/n/${name}`);
  }
  flush('/sim/n');
  files.makeFolder('/sim/n/lost', 0o755);
  files.makeFolder('/sim/n/found', 0o755);
  fail();
  expect(() => flush('/sim/n')).toThrow('EIO');
  succeed();
  files.rename('/sim/n/found', '/sim/n/renamed');
  files.makeFolder('/sim/n/lost/below', 0o755);
  files.rename('/sim/n/one', '/sim/n/lost/below/one');
  files.rename('/sim/n/two', '/sim/n/renamed/two');
  files.rename('/sim/n/lost/below/one', '/sim/n/other');
  for (const folder of ['', '/lost', '/lost/below', '/renamed']) flush(`/sim/n${folder}`);
  expect(afterPowerLoss()).toEqual([
    ['/sim/n/one', 'one'],
    ['/sim/n/other', 'other'],
    ['/sim/n/renamed', 'folder'],
    ['/sim/n/renamed/two', 'two'],
  ]);
});
