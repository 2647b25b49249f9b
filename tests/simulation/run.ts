import { parseArgs } from 'node:util';
import { installHooks } from './hooks.ts';
import { installPlatformHooks } from './platform-hooks.ts';

/** `npm run simulate -- [--seed N] [--seeds COUNT] [--minutes M] [--kept] [--trace]`: see docs/testing.md. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    kept: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
installHooks();
installPlatformHooks();
const { runBatch } = await import('./batch.ts');
process.exitCode = await runBatch(values);
