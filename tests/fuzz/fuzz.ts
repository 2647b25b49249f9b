import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useRunFolder } from '../support/run-folder.ts';
import { toolOptions } from '../support/tool-options.ts';
import { fuzz } from './run.ts';
import { targets } from './targets.ts';

const HELP = `The corpus, then new cases, so long for each target. A case that fails is written down, with how to run it again.

  npm run fuzz [-- TARGET …] [--seconds 60] [--seed S] [--from K] [--cases N] [--replay FILE]

Targets: ${targets.map(({ name }) => name).join(', ')}
`;

const { values, positionals } = toolOptions(HELP, {
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    cases: { type: 'string', default: 'Infinity' },
    replay: { type: 'string' },
  },
});
const seed = values.seed ?? String(Date.now());
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
    seed,
    from: Number(values.from),
    isOver: (cases) => replayed !== undefined || cases >= Number(values.cases) || performance.now() > until,
    ...(replayed && { corpus: replayed }),
    onProgress: (cases) => console.log(`${target.name}: ${cases} cases`),
  });
  if (outcome.failure === undefined) {
    const rate = Math.round(outcome.cases / ((performance.now() - began) / 1000));
    console.log(`${target.name}: ${outcome.cases} cases, ${rate} a second, none failed (seed ${seed})`);
    continue;
  }
  failed = true;
  const { at, inputs, error } = outcome.failure;
  const folder = join('.cache', 'fuzz');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${target.name}-${seed}-${at}.json`);
  await writeFile(file, `${JSON.stringify(inputs)}\n`);
  console.log(`${target.name}: FAILED after ${outcome.cases} cases, seed ${seed}, case ${at}`);
  console.log(error);
  if (inputs.length > 1) console.log(`It is one of ${inputs.length} cases that ran at the same time.`);
  console.log(`Again: npm run fuzz -- ${target.name} --replay ${file}`);
  console.log(`Or with those before it: npm run fuzz -- ${target.name} --seed ${seed} --cases ${at + 1}`);
}
process.exit(failed ? 1 : 0);

async function readCases(file: string): Promise<unknown[]> {
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(parsed)) throw new TypeError(`${file} is no list of cases`);
  return parsed;
}
