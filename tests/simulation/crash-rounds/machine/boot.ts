import { currentGeneration, type Generation } from '../../generation.ts';

/** In the place of what names the time from the start of a machine to its end: here it is a generation. */
const numbers = new WeakMap<Generation, number>();
let last = 0;

export function thisBoot(): string {
  const generation = currentGeneration();
  if (generation === undefined) return 'no machine';
  const number = numbers.get(generation) ?? (last += 1);
  numbers.set(generation, number);
  return `boot ${number}`;
}

export function isThisBoot(noted: string): boolean {
  return noted === thisBoot();
}
