import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { startPublisher } from '../support/site-publisher.ts';

test('what is decided is carried out also where the database fails right after', async () => {
  const told: string[] = [];
  const { publisher, ready, state, root } = await startPublisher({
    onDone: ({ want }, outcome) => {
      told.push(`${want.path} ${outcome}`);
      if (outcome === 'unused') throw new AppError('file.io');
    },
  });
  const [overtaken, folder, later] = ['overtaken', 'folder', 'later'].map((path, seq) =>
    ready(path as SitePath, { kind: 'dir' }, seq + 1),
  );
  if (!overtaken || !folder || !later) throw new Error('nothing to publish');
  state.wants.drop(overtaken.want.path);
  publisher.publish(overtaken, folder);
  await expect.poll(() => told).toContain('overtaken unused');
  publisher.publish(later);
  await expect.poll(() => told).toContain('later published');
  expect(told).toEqual(['overtaken unused', 'folder published', 'later published']);
  expect([state.inFlight.size, statSync(join(root.folder, 'folder')).isDirectory()]).toEqual([0, true]);
});
