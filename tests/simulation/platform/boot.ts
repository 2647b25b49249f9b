import { simulation } from '../current.ts';

/** In the place of what names the time from the start of a machine to its end. */
export function thisBoot(): string {
  const { process } = simulation().scheduler;
  return `boot ${process?.bootedAt ?? 0}`;
}

export function isThisBoot(noted: string): boolean {
  return noted === thisBoot();
}
