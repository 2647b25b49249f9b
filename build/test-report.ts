import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { root } from './run.ts';

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each test that failed, by its file and name, with the first lines of what it said. */
  readonly failures: readonly string[];
}

export const noTests: TestReport = { passed: 0, failed: 0, skipped: 0, failures: [] };
/** Where the runner did not get as far as writing a report, or one that says what a report says. */
export const brokenReport: TestReport = { ...noTests, failed: 1 };

const LINES_SHOWN = 6;
/** Of what the page showed when an end-to-end test failed. */
const PAGE_LINES_SHOWN = 60;

const vitestReport = z
  .object({
    numPassedTests: z.number(),
    numFailedTests: z.number(),
    numPendingTests: z.number(),
    numTodoTests: z.number(),
    testResults: z.array(
      z.object({
        name: z.string(),
        status: z.string(),
        message: z.string().default(''),
        assertionResults: z.array(
          z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
        ),
      }),
    ),
  })
  .transform((report): TestReport => {
    const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed');
      // A file that does not load has no test to its name.
      if (failed.length === 0 && status === 'failed') return [failure(name, 'as a whole', message)];
      return failed.map(({ fullName, failureMessages }) => failure(name, fullName, failureMessages?.[0] ?? ''));
    });
    const skipped = report.numPendingTests + report.numTodoTests;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped, failures };
  });

const playwrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  ok: z.boolean(),
  tests: z.array(
    z.object({
      results: z.array(
        z.object({
          errors: z.array(z.object({ message: z.string().default('') })),
          attachments: z.array(z.object({ name: z.string(), path: z.string().optional() })).default([]),
        }),
      ),
    }),
  ),
});
const playwrightSuite = z.object({
  specs: z.array(playwrightSpec).default([]),
  get suites() {
    return z.array(playwrightSuite).default([]);
  },
});
type PlaywrightSuite = z.output<typeof playwrightSuite>;

const playwrightReport = z
  .object({
    stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
    suites: z.array(playwrightSuite),
  })
  .transform(({ stats, suites }): TestReport => {
    const failures = suites
      .flatMap(specsOf)
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) => {
        const results = tests.flatMap(({ results }) => results);
        const message = results.flatMap(({ errors }) => errors)[0]?.message ?? '';
        return failure(`tests/e2e/${file}`, title, message, pageOf(results));
      });
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped, failures };
  });

export const readVitestReport = (file: string): TestReport => read(file, vitestReport);
export const readPlaywrightReport = (file: string): TestReport => read(file, playwrightReport);

export function addReports(one: TestReport, other: TestReport): TestReport {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    failures: [...one.failures, ...other.failures],
  };
}

function read(file: string, schema: z.ZodType<TestReport>): TestReport {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return { ...brokenReport, failures: [failure(file, 'is no report', error instanceof Error ? error.message : '')] };
  }
}

function specsOf(suite: PlaywrightSuite): z.output<typeof playwrightSpec>[] {
  return [...suite.specs, ...suite.suites.flatMap(specsOf)];
}

/** What the page showed at the end, from the account that Playwright keeps of a failure. */
function pageOf(results: z.output<typeof playwrightSpec>['tests'][number]['results']): readonly string[] {
  const account = results.flatMap(({ attachments }) => attachments).find(({ name }) => name === 'error-context')?.path;
  if (account === undefined || !existsSync(account)) return [];
  const [, page = ''] = /^```yaml\n(.*?)^```$/ms.exec(readFileSync(account, 'utf8')) ?? [];
  return page.trimEnd().split('\n').slice(0, PAGE_LINES_SHOWN);
}

function failure(file: string, title: string, message: string, page: readonly string[] = []): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return [`${relative(root, file) || file} › ${title}`, ...lines.slice(0, LINES_SHOWN), ...page].join('\n    ');
}
