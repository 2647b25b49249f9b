import { globSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './built.ts';
import { findChromium } from './chromium.mjs';
import { packageScript, root, run } from './run.ts';
import {
  addReports,
  brokenReport,
  noTests,
  readPlaywrightReport,
  readVitestReport,
  type TestReport,
} from './test-report.ts';

/**
 * `npm test`, `npm test -- <part of a file's path> …`: Vitest, then Playwright; the last line counts both.
 */
const filters = process.argv.slice(2);
const reports = join(root, '.cache', 'test');
// The tests start hundreds of processes: each need not compile again what the one before it has compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'node');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const vitest = select('tests/{unit,property,integration}/**/*.test.{ts,tsx}');
const e2e = select('tests/e2e/**/*.spec.ts');
const total = addReports(
  vitest.length > 0 ? await runVitest(vitest) : noTests,
  e2e.length > 0 ? await runPlaywright(e2e) : noTests,
);
if (vitest.length + e2e.length === 0) console.log(`No test file has "${filters.join('" or "')}" in its path.`);
if (total.failures.length > 0) console.log(`Failed:\n  ${total.failures.join('\n  ')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || vitest.length + e2e.length === 0 ? 1 : 0;

function select(glob: string): string[] {
  const files = globSync(glob, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return files.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter))).sort();
}

async function runVitest(files: readonly string[]): Promise<TestReport> {
  const report = join(reports, 'vitest.json');
  const script = packageScript('vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [script, 'run', '--config', 'build/vitest.config.ts', ...reporters];
  const { code } = await run(process.execPath, filters.length === 0 ? args : [...args, ...files], 'show');
  return withCode(readVitestReport(report), code);
}

async function runPlaywright(files: readonly string[]): Promise<TestReport> {
  if (findChromium() === undefined) {
    console.log(
      'End-to-end tests skipped: there is no Chromium on this machine (npm run setup -- --tests says what to install).',
    );
    return { ...noTests, skipped: files.length };
  }
  if (!(await ensureBuilt())) return brokenReport;
  const report = join(reports, 'playwright.json');
  const script = packageScript('@playwright/test/cli.js');
  const args = ['test', '--config', 'build/playwright.config.ts', '--reporter=list,json'];
  // Playwright takes regular expressions.
  const patterns = files.map((file) => `${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  const { code } = await run(process.execPath, [script, ...args, ...patterns], 'show', {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  return withCode(readPlaywrightReport(report), code);
}

/** An error outside of any test fails the run too. */
function withCode(report: TestReport, code: number): TestReport {
  return code !== 0 && report.failed === 0 ? { ...report, failed: 1 } : report;
}
