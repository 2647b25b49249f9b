import { defineConfig } from 'vitest/config';
import { root } from './run.ts';

/** Real processes, sockets and folders: a slow machine must not make a test fail. */
const TEST_TIMEOUT = 60_000;

export default defineConfig({
  root,
  cacheDir: '.cache/vite',
  test: {
    include: ['tests/{unit,property,integration}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: TEST_TIMEOUT,
    hookTimeout: TEST_TIMEOUT,
    teardownTimeout: TEST_TIMEOUT,
    allowOnly: false,
    passWithNoTests: true,
  },
});
