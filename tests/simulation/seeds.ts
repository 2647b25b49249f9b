/** Seeds that found something once, each with what it was: they are tried again at each `npm test`. */
export const keptSeeds: readonly { readonly seed: string; readonly why: string }[] = [
  { seed: '15', why: 'an everyday run, short' },
];
