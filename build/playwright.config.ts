import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import { root } from './run.ts';

export default defineConfig({
  testDir: join(root, 'tests', 'e2e'),
  globalSetup: join(root, 'tests', 'support', 'prepare-e2e.ts'),
  outputDir: join(root, '.cache', 'e2e'),
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  use: { trace: 'retain-on-failure' },
});
