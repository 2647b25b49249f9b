import { builtinModules } from 'node:module';

/**
 * What every bundle for Node shares: all packages are bundled, so that nothing of node_modules is shipped.
 * Left out are Node itself, Electron, and the optional native helpers that their users do without.
 */
export const external: (string | RegExp)[] = [
  'electron',
  /^electron\/.+/,
  /^node:/,
  ...builtinModules,
  // bunyan (by ftp-srv) and ws try these and go on without them.
  'dtrace-provider',
  'bufferutil',
  'utf-8-validate',
];

/** bunyan imports `moment` by its folder, whose ESM build has no callable default. */
export const alias = { moment: 'moment/moment.js' };

/** Node 24, that of Electron as well as that of the command line. */
export const target = 'node24';
