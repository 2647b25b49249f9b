import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { root } from './run.ts';

/** Real processes, sockets and folders: a slow machine must not make a test fail. */
const TEST_TIMEOUT = 300_000;

export default defineConfig({
  root,
  cacheDir: '.cache/vite',
  test: {
    include: ['tests/{unit,property,integration}/**/*.test.{ts,tsx}'],
    globalSetup: join(root, 'tests', 'support', 'built.ts'),
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: TEST_TIMEOUT,
    hookTimeout: TEST_TIMEOUT,
    teardownTimeout: TEST_TIMEOUT,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    allowOnly: false,
    passWithNoTests: true,
  },
});
