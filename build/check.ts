import { packageScript, root, run, seconds } from './run.ts';
import { textTroubles } from './texts.ts';
import { violations } from './walls.ts';

interface Step {
  readonly name: string;
  readonly check: () => Promise<{ passed: boolean; output: string }>;
}

const node = process.execPath;

/** Independent of each other, so they run side by side. */
const steps: readonly Step[] = [
  { name: 'format', check: program(packageScript('@biomejs/biome/bin/biome'), ['format', '.']) },
  { name: 'types', check: program(packageScript('typescript/bin/tsc'), ['-b', 'build/tsconfig/solution.json']) },
  { name: 'lint', check: program(packageScript('oxlint/bin/oxlint'), ['--type-aware', '--deny-warnings']) },
  { name: 'walls', check: () => Promise.resolve(walls()) },
  { name: 'texts', check: () => Promise.resolve(texts()) },
];

const started = performance.now();
const results = await Promise.all(steps.map(async ({ name, check }) => ({ name, ...(await check()) })));
for (const { name, passed, output } of results) {
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}`);
  if (!passed) console.log(output.trimEnd(), '\n');
}
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
const outcome = failed.length === 0 ? 'check passed' : `check failed: ${failed.join(', ')}`;
console.log(`${outcome} (${seconds(performance.now() - started)})`);
process.exitCode = failed.length === 0 ? 0 : 1;

function program(script: string, args: readonly string[]): Step['check'] {
  return async () => {
    const { code, output } = await run(node, [script, ...args], 'capture');
    return { passed: code === 0, output };
  };
}

function walls(): { passed: boolean; output: string } {
  const found = violations(root);
  return {
    passed: found.length === 0,
    output: found.map((v) => `${v.file} imports ${v.imports}: ${v.because}`).join('\n'),
  };
}

function texts(): { passed: boolean; output: string } {
  const found = textTroubles(root);
  return { passed: found.length === 0, output: found.join('\n') };
}
