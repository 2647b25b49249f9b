import type { Random } from '../../disk/random.ts';

/** In the place of `node:crypto`: names that are made at random are the same for the same seed. */
export * from 'node:crypto';

let random: Random = Math.random;

/** Also of `Math.random`: by it waits are spread. */
export function useRandom(used: Random): void {
  random = used;
  Math.random = used;
}

export function randomBytes(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));
}
