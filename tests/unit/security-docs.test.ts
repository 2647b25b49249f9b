import { test } from 'vitest';
import { expectNamedTests } from '../support/named-tests.ts';

test('every test that SECURITY.md names is there', async () => {
  await expectNamedTests(new URL('../../SECURITY.md', import.meta.url), 35);
});
