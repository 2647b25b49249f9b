import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import { root } from './run.ts';

export default defineConfig({
  testDir: join(root, 'tests', 'e2e'),
  globalSetup: join(root, 'tests', 'support', 'prepare-e2e.ts'),
  outputDir: join(root, '.cache', 'e2e'),
  workers: 2,
  // Real processes and browsers: a slow machine must not make a test fail.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  use: { trace: 'retain-on-failure', actionTimeout: 60_000 },
});
