import { expect, test } from 'vitest';
import type { Bridge } from '../../renderer/bridge/bridge.ts';
import { actionsOn, orderFor } from '../../renderer/features/publish/publish-store.ts';
import type { PublishPlan } from '../../shared/contract/publishing.ts';
import { AppError } from '../../shared/errors/app-error.ts';

const PLAN = { new: [{ path: 'a.html' }], changed: [], deleted: [], refusedCount: 0 } as unknown as PublishPlan;

/** The screen of the site `name`; `asked`: what of the engine. `engine.isAway`: what a drop would change cannot be found out. */
function openScreen(name: string) {
  const asked: { readonly name: string; readonly params: object }[] = [];
  const engine = { isAway: false };
  const call = (name: string, params: object): Promise<unknown> => {
    asked.push({ name, params });
    if (name === 'publish.start') return Promise.resolve({ id: 'a job' });
    return engine.isAway ? Promise.reject(new AppError('publish.unreachable')) : Promise.resolve(PLAN);
  };
  const bridge = { kind: 'desktop', call, pathForFile: () => '', subscribe: () => () => undefined } as Bridge;
  return { actions: actionsOn(bridge, name), asked, engine };
}

const order = orderFor({ paths: ['/srv/dist'], isFolder: true }, undefined);
const started = (asked: readonly { readonly name: string }[]) => asked.filter(({ name }) => name === 'publish.start');

test('what was looked at is published', async () => {
  const { actions, asked } = openScreen('www');
  await actions.look(order);
  await actions.publish();
  expect(started(asked)).toMatchObject([{ params: { to: { kind: 'site', site: 'www' }, delete: false } }]);
});

test('where an order was changed, and it could not be found out what it would do now, it is not published before it could', async () => {
  const { actions, asked, engine } = openScreen('docs');
  await actions.look(order);
  engine.isAway = true;
  await actions.look({ ...order, withDelete: true });
  await actions.publish();
  expect(started(asked)).toEqual([]);
  engine.isAway = false;
  await actions.look({ ...order, withDelete: true });
  await actions.publish();
  expect(started(asked)).toMatchObject([{ params: { delete: true } }]);
});
