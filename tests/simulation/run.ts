import { installHooks } from './hooks.ts';
import { runJobs } from './jobs.ts';
import { installPlatformHooks } from './platform-hooks.ts';
import { toolOptions } from '../support/tool-options.ts';

const HELP = `Masters and mirrors in one process, on a simulated clock, network and disk, with an oracle. See docs/testing.md.

  npm run simulate -- --seed N[,M …] [--trace]   these seeds; --trace tells what happens in them
  npm run simulate -- --seeds COUNT [--seed N]   so many, from N on
  npm run simulate -- --minutes M [--jobs N]     as many as that takes, by N processes
  npm run simulate -- --kept                     those that have failed once
  npm run simulate -- --decisions …              only what is decided: without disk, wire and network
`;

const { values } = toolOptions(HELP, {
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
