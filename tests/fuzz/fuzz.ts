import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { useRunFolder } from '../support/run-folder.ts';
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
useRunFolder();
let failed = false;
for (const target of chosen) {
  const until = performance.now() + Number(values.seconds) * 1000;
  const replayed = values.replay === undefined ? undefined : await readCases(values.replay);
  const began = performance.now();
  const outcome = await fuzz(target, {
    seed: values.seed,
    from: Number(values.from),
    isOver: (cases) => replayed !== undefined || cases >= Number(values.cases) || performance.now() > until,
    ...(replayed && { corpus: replayed }),
    onProgress: (cases) => console.log(`${target.name}: ${cases} cases`),
  });
  if (outcome.failure === undefined) {
    const rate = Math.round(outcome.cases / ((performance.now() - began) / 1000));
    console.log(`${target.name}: ${outcome.cases} cases, ${rate} a second, none failed (seed ${values.seed})`);
    continue;
  }
  failed = true;
  const { at, inputs, error } = outcome.failure;
  const folder = join('.cache', 'fuzz');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${target.name}-${values.seed}-${at}.json`);
  await writeFile(file, `${JSON.stringify(inputs)}\n`);
  console.log(`${target.name}: FAILED after ${outcome.cases} cases, seed ${values.seed}, case ${at}`);
  console.log(error);
  if (inputs.length > 1) console.log(`It is one of ${inputs.length} cases that ran at the same time.`);
  console.log(`Again: npm run fuzz -- ${target.name} --replay ${file}`);
  console.log(`Or with those before it: npm run fuzz -- ${target.name} --seed ${values.seed} --cases ${at + 1}`);
}
process.exit(failed ? 1 : 0);

async function readCases(file: string): Promise<unknown[]> {
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(parsed)) throw new TypeError(`${file} is no list of cases`);
  return parsed;
}
