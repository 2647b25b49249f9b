import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/**
 * The bytes of a small file that anybody may have put there. Undefined where it is larger than `bytesMax`, or none: a pipe would never
 * end, and a device neither. `links`: whether one may stand there. Errors are those of the operating system.
 */
export function readSmall(absolute: string, bytesMax: number, links: 'followed' | 'refused'): Buffer | undefined {
  const noFollow = links === 'refused' ? (constants.O_NOFOLLOW ?? 0) : 0;
  const fd = openSync(absolute, constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
  try {
    const info = fstatSync(fd);
    if (!info.isFile() || info.size > bytesMax) return undefined;
    const buffer = Buffer.alloc(info.size + 1);
    let size = 0;
    for (let read = -1; read !== 0 && size < buffer.length; size += read)
      read = readSync(fd, buffer, size, buffer.length - size, size);
    return buffer.subarray(0, Math.min(size, info.size));
  } finally {
    closeSync(fd);
  }
}
