import { parseArgs } from 'node:util';
import { installHooks } from '../hooks.ts';
import { realNow } from './machine/real.ts';
import { installTime } from './machine/time.ts';
import { redirections } from './redirections.ts';

/**
 * `npm run crash-rounds [-- --rounds N] [--seed S] [--only SEED] [--trace]`: power is lost at random operations; see docs/durability.md.
 * Round K of seed S is `S.K`; `--only S.K` runs that one again.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    trace: { type: 'boolean', default: false },
  },
});
installHooks(redirections);
const { runRound } = await import('./round.ts');
installTime();

const begun = realNow();
const seeds = values.only ?? Array.from({ length: Number(values.rounds) }, (_, index) => `${values.seed}.${index}`);
const totals: Record<string, number> = {};
const failed: string[] = [];
for (const seed of seeds) {
  const { counts, failure, unflushed, last } = await runRound(seed);
  for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
  if (!failure) continue;
  failed.push(seed);
  console.log(`round ${seed} (${unflushed}): ${values.only ? failure.stack : `${failure.name}: ${failure.message}`}`);
  if (values.trace) console.log(last.map((line) => `    ${line}`).join('\n'));
}
console.log(
  Object.entries(totals)
    .map(([name, count]) => `${count} ${name}`)
    .join(', '),
);
console.log(`${seeds.length} rounds, ${failed.length} failed (${((realNow() - begun) / 1000).toFixed(1)} s)`);
if (failed.length > 0) console.log(`Again: npm run crash-rounds -- --only ${failed[0]} --trace`);
process.exit(failed.length > 0 ? 1 : 0);
