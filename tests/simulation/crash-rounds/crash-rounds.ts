import { toolOptions } from '../../support/tool-options.ts';
import { installHooks } from '../hooks.ts';
import { realNow } from './machine/real.ts';
import { installTime } from './machine/time.ts';
import { redirections } from './redirections.ts';

const HELP = `Power is lost at random operations; see docs/durability.md. Round K of seed S is S.K.

  npm run crash-rounds [-- --rounds 1000] [--seed 1]
  npm run crash-rounds -- --only S.K [--trace]         that one again
`;

const { values } = toolOptions(HELP, {
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    trace: { type: 'boolean', default: false },
  },
});
installHooks(redirections);
const { runRound } = await import('./round.ts');
installTime();

const begun = realNow();
const seeds =
  values.only ?? Array.from({ length: Number(values.rounds) }, (_, index) => `${values.seed ?? '1'}.${index}`);
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
