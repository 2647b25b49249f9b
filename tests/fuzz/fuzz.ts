import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from './run.ts';
import { targets } from './targets.ts';

/**
 * `npm run fuzz [-- TARGET …] [--seconds N] [--seed S] [--from K] [--cases N] [--replay FILE]`: the corpus, then new cases, so long for each
 * target. A case that fails is written down, with how to run it again.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now()) },
    from: { type: 'string', default: '0' },
    cases: { type: 'string', default: 'Infinity' },
    replay: { type: 'string' },
  },
});
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (chosen.length === 0) {
  console.log(`There are: ${targets.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
let failed = false;
for (const target of chosen) {
  const until = performance.now() + Number(values.seconds) * 1000;
  const replayed: unknown = values.replay === undefined ? undefined : JSON.parse(await readFile(values.replay, 'utf8'));
  const outcome = await fuzz(replayed === undefined ? target : { ...target, generate: () => replayed }, {
    seed: values.seed,
    from: Number(values.from),
    isOver: (cases) => cases >= (replayed === undefined ? Number(values.cases) : 1) || performance.now() > until,
    onProgress: (cases) => console.log(`${target.name}: ${cases} cases`),
  });
  if (outcome.failure === undefined) {
    console.log(`${target.name}: ${outcome.cases} cases, none failed (seed ${values.seed})`);
    continue;
  }
  failed = true;
  const { at, input, error } = outcome.failure;
  const folder = join('.cache', 'fuzz');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${target.name}-${values.seed}-${at}.json`);
  await writeFile(file, `${JSON.stringify(input)}\n`);
  console.log(`${target.name}: FAILED after ${outcome.cases} cases, seed ${values.seed}, case ${at}`);
  console.log(error);
  console.log(`Again: npm run fuzz -- ${target.name} --replay ${file}`);
  console.log(`Or with those before it: npm run fuzz -- ${target.name} --seed ${values.seed} --cases ${at + 1}`);
}
process.exit(failed ? 1 : 0);
