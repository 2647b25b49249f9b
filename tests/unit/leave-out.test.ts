import { expect, test } from 'vitest';
import { leaveOut } from '../../electron/engine/mirror/leave-out.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startPublisher } from '../support/site-publisher.ts';

test('what is left out is found among very many wants while others have their turn', async () => {
  const { state, ready } = await startPublisher();
  state.store.transaction(() => {
    for (let at = 0; at < 20_000; at += 1) ready(`d${at}` as SitePath, { kind: 'dir' }, at + 1);
  });
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 0);
  await leaveOut(state, (path) => path === 'd7');
  clearInterval(turn);
  expect([state.wants.of('d7' as SitePath), state.wants.of('d8' as SitePath)?.path]).toEqual([undefined, 'd8']);
  expect(turns).toBeGreaterThan(0);
});
