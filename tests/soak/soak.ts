import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../../build/built.ts';
import { toolOptions } from '../support/tool-options.ts';
import { killRounds, soak, type Verdict } from './run.ts';
import { mib } from './gauge.ts';

const HELP = `Real processes under random load, with faults, then the oracle's verdict.

  npm run soak [-- --minutes 30] [--seed S]
  npm run soak -- --kills N [--seed S]       so many rounds of kill -9 instead, with a verdict after each
`;

const { values } = toolOptions(HELP, {
  options: {
    minutes: { type: 'string', default: '30' },
    kills: { type: 'string' },
    seed: { type: 'string' },
  },
});
const seed = values.seed ?? String(Date.now());
if (!(await ensureBuilt())) process.exit(1);
const folder = await mkdtemp(join(await realpath(tmpdir()), 'lockstep-soak-'));
const began = Date.now();
const say = (line: string): void => console.log(`${Math.round((Date.now() - began) / 1000)} s: ${line}`);
const common = { folder, seed, say };
const how = values.kills === undefined ? `${values.minutes} minutes` : `${values.kills} rounds of kill -9`;
console.log(`soak: ${how}, seed ${seed}, in ${folder}`);
const verdict: Verdict =
  values.kills === undefined
    ? await soak({ ...common, millis: Number(values.minutes) * 60_000, betweenFaults: 8000 })
    : await killRounds({ ...common, rounds: Number(values.kills) });
const { operations, broken, lines, faults } = verdict;
for (const line of lines) console.log(line);
console.log(`done: ${operations.text} (${mib(operations.of('bytes'))} sent)`);
console.log(`faults survived: ${broken.total} (${broken.text})`);
if (process.getuid?.() !== 0) console.log('left out: full disks, which take a user who may mount (root)');
for (const fault of faults) console.log(`WRONG: ${fault}`);
if (faults.length > 0) {
  const again = values.kills === undefined ? `--minutes ${values.minutes}` : `--kills ${values.kills}`;
  console.log(`What is on disk, and each process's log: ${folder}`);
  console.log(`The same load and faults again, at moments that differ: npm run soak -- ${again} --seed ${seed}`);
}
if (faults.length === 0) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
console.log(faults.length === 0 ? `verdict: all is well (${how}, seed ${seed})` : 'verdict: FAILED');
process.exit(faults.length === 0 ? 0 : 1);
