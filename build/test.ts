import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './built.ts';
import { findChromium } from './chromium.mjs';
import { packageScript, root, run } from './run.ts';

/**
 * `npm test`, `npm test -- <part of a file's path> …`: Vitest, then Playwright; the last line counts both.
 */
interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const none: Count = { passed: 0, failed: 0, skipped: 0 };
const filters = process.argv.slice(2);
const reports = join(root, '.cache', 'test');
// The tests start hundreds of processes: each need not compile again what the one before it has compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'node');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const vitest = select('tests/{unit,property,integration}/**/*.test.{ts,tsx}');
const e2e = select('tests/e2e/**/*.spec.ts');
const counts = [vitest.length > 0 ? await runVitest(vitest) : none, e2e.length > 0 ? await runPlaywright(e2e) : none];
const total = counts.reduce(add);
if (vitest.length + e2e.length === 0) console.log(`No test file has "${filters.join('" or "')}" in its path.`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || vitest.length + e2e.length === 0 ? 1 : 0;

function select(glob: string): string[] {
  const files = globSync(glob, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return files.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter))).sort();
}

async function runVitest(files: readonly string[]): Promise<Count> {
  const report = join(reports, 'vitest.json');
  const script = packageScript('vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [script, 'run', '--config', 'build/vitest.config.ts', ...reporters];
  const { code } = await run(process.execPath, filters.length === 0 ? args : [...args, ...files], 'show');
  const json = readReport(report, ['numPassedTests', 'numFailedTests', 'numPendingTests', 'numTodoTests']);
  if (json === undefined) return { ...none, failed: 1 };
  const [passed = 0, failed = 0, pending = 0, todo = 0] = json;
  // A file that does not load, or an error outside of any test, has no test to its name.
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped: pending + todo };
}

async function runPlaywright(files: readonly string[]): Promise<Count> {
  if (findChromium() === undefined) {
    console.log(
      'End-to-end tests skipped: there is no Chromium on this machine (npm run setup -- --tests says what to install).',
    );
    return { ...none, skipped: files.length };
  }
  if (!(await ensureBuilt())) return { ...none, failed: 1 };
  const report = join(reports, 'playwright.json');
  const script = packageScript('@playwright/test/cli.js');
  const args = ['test', '--config', 'build/playwright.config.ts', '--reporter=list,json'];
  // Playwright takes regular expressions.
  const patterns = files.map((file) => `${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  const { code } = await run(process.execPath, [script, ...args, ...patterns], 'show', {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  const json = readReport(report, ['stats.expected', 'stats.unexpected', 'stats.flaky', 'stats.skipped']);
  if (json === undefined) return { ...none, failed: 1 };
  const [expected = 0, unexpected = 0, flaky = 0, skips = 0] = json;
  return { passed: expected + flaky, failed: code !== 0 && unexpected === 0 ? 1 : unexpected, skipped: skips };
}

/** Numbers of a JSON report by their paths; undefined where the runner did not get as far as writing one. */
function readReport(file: string, paths: readonly string[]): number[] | undefined {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  return paths.map((path) => Number(path.split('.').reduce<unknown>(member, report) ?? 0));
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function add(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
