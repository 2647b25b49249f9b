import type { Messages } from '../i18n/en.ts';

/** At how many of the mirrors that want it a change is visible; at a mirror: here. */
export function reachedText(
  texts: Pick<Messages['history'], 'here' | 'reachedAll' | 'reachedSome'>,
  role: 'master' | 'mirror',
  reached: number,
  wanted: number,
): string {
  if (role === 'mirror') return texts.here;
  return reached === wanted ? texts.reachedAll(wanted) : texts.reachedSome(reached, wanted);
}
