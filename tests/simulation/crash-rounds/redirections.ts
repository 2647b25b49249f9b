import type { Redirection } from '../hooks.ts';

/** What a crash round puts in the place of modules, beside the disk. */
export const redirections: readonly Redirection[] = [
  { specifier: 'node:timers/promises', module: './crash-rounds/machine/node-timers-promises.ts' },
  { specifier: 'node:crypto', module: './crash-rounds/machine/node-crypto.ts' },
  { specifier: './boot.ts', module: './crash-rounds/machine/boot.ts' },
  { specifier: 'node:os', module: './crash-rounds/machine/node-os.ts' },
  { specifier: './retriever/ftp-pool.ts', module: './crash-rounds/machine/ftp-pool.ts' },
];
