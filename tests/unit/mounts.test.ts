import { expect, test } from 'vitest';
import { readMounts } from '../../electron/engine/tree/mounts.ts';

test('what is mounted of another machine is told from the disks of this one', () => {
  const table = [
    '27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
    '51 27 0:44 / /srv/my\\040logs rw,relatime shared:20 master:3 - nfs4 files:/logs rw,vers=4.2',
    '52 27 0:45 / /mnt/home rw - fuse.sshfs someone@there:/home rw',
    '53 27 0:46 / /mnt/win rw - cifs //there/share rw',
    '54 27 0:23 / /dev/shm rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  expect(readMounts(table).map(({ id, disk, isRemote }) => `${id} ${disk} ${isRemote}`)).toEqual([
    '27 254:1 false',
    '51 0:44 true',
    '52 0:45 true',
    '53 0:46 true',
    '54 0:23 false',
  ]);
  expect(readMounts(table)[1]).toMatchObject({
    folder: '/srv/my\\040logs',
    line: '51 27 0:44 / /srv/my\\040logs',
  });
});
