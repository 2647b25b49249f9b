import { parseArgs } from 'node:util';
import { installHooks } from './hooks.ts';
import { runJobs } from './jobs.ts';
import { installPlatformHooks } from './platform-hooks.ts';

/** `npm run simulate -- [--seed N] [--seeds COUNT] [--minutes M] [--jobs N] [--kept] [--trace] [--decisions]`: see docs/testing.md. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    kept: { type: 'boolean', default: false },
    decisions: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
if (Number(values.jobs) > 1) {
  process.exitCode = await runJobs({ ...values, jobs: Number(values.jobs) });
} else {
  // What it decides needs no disk, and a database in memory.
  if (!values.decisions) installHooks();
  installPlatformHooks();
  // Until it is known: a run that comes to no end is none that went well.
  process.exitCode = 1;
  const { runBatch } = await import('./batch.ts');
  const { keptDecisions, keptSeeds } = await import('./seeds.ts');
  process.exitCode = values.decisions
    ? await runBatch(values, { ...(await import('./decisions/decide.ts')), keptSeeds: keptDecisions })
    : await runBatch(values, { ...(await import('./simulate.ts')), keptSeeds });
}
