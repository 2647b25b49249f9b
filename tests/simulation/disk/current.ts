import type { SimulatedDisk } from './simulated-disk.ts';

let current: SimulatedDisk | undefined;

/** The disk that the engine's `node:fs` is, from now on. */
export function useDisk(disk: SimulatedDisk): void {
  current = disk;
}

/** The simulated disk on which a path is; undefined: the real machine's. */
export function diskOf(path: string): SimulatedDisk | undefined {
  return current?.has(path) ? current : undefined;
}

/** The simulated disk that a descriptor is of; undefined: the real machine's. */
export function diskOfDescriptor(fd: number): SimulatedDisk | undefined {
  return current?.files.isDescriptor(fd) ? current : undefined;
}

/** A descriptor by which a program of a simulated machine has the file open for writing; undefined: there is none. */
export function writerOf(file: { readonly dev: number; readonly ino: number }): number | undefined {
  return current?.files.writerOf(file);
}
