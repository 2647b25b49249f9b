import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BridgeEvent } from '../../shared/contract/bridge.ts';
import type { PublishJob } from '../../shared/contract/publishing.ts';
import type { Status } from '../../shared/contract/status.ts';
import { actionsOn, orderFor } from '../../renderer/features/publish/publish-store.ts';
import { replicate, useEngine } from '../../renderer/stores/engine-store.ts';
import { masterStatus, peer } from '../support/statuses.ts';

const RUNNING: BridgeEvent = { type: 'host', host: { state: 'running' } };
const before = masterStatus([peer('osaka')]);
const after = masterStatus([peer('osaka', { inStep: false, waiting: 3 })]);

let end: (() => void) | undefined;

beforeEach(() =>
  useEngine.setState({ view: { is: 'connecting' }, host: undefined, status: undefined, revision: 0, jobs: [] }),
);
afterEach(() => end?.());

it('is not live again before the engine that is back has told its state', async () => {
  const engine = openEngine();
  engine.tell(RUNNING);
  await engine.answer('node.status', before);
  await engine.answer('publish.list', []);
  expect(view()).toBe('live');

  engine.tell({ type: 'lost', retryAt: 5 });
  engine.tell({ type: 'host', host: { state: 'starting' } });
  expect(useEngine.getState().view).toMatchObject({ is: 'lost', retryAt: undefined });
  engine.tell(RUNNING);
  expect(view()).toBe('lost');
  await engine.answer('node.status', after);
  await engine.answer('publish.list', []);
  expect([view(), useEngine.getState().status]).toEqual(['live', after]);
});

it('does not put an answer in the place of what was told while it was on its way', async () => {
  const engine = openEngine();
  engine.tell(RUNNING);
  engine.tell({ type: 'event', event: { type: 'status', status: after, quiet: true } });
  engine.tell({ type: 'event', event: { type: 'publishing', jobs: [job('sending')] } });
  await engine.answer('node.status', before);
  await engine.answer('publish.list', [job('queued')]);
  const { status, jobs, revision } = useEngine.getState();
  // What was asked of the engine before is asked again.
  expect([status, jobs[0]?.state.is, revision]).toEqual([after, 'sending', 1]);
});

it('knows a drop by what was told of it, also where that came before the answer', async () => {
  const engine = openEngine();
  const actions = actionsOn(engine.bridge, 'www');
  const looked = actions.look(orderFor({ paths: ['/srv/dist'], isFolder: true }, undefined));
  await engine.answer('publish.plan', { new: [], changed: [], deleted: [], refused: [], refusedCount: 0 });
  await looked;
  const started = actions.publish();
  engine.tell({ type: 'event', event: { type: 'publishing', jobs: [job('sending')] } });
  await engine.answer('publish.start', job('queued'));
  await started;
  expect(useEngine.getState().jobs.map(({ state }) => state.is)).toEqual(['sending']);
});

function view(): string {
  return useEngine.getState().view.is;
}

function job(is: 'queued' | 'sending'): PublishJob {
  return { id: 'a', to: { kind: 'site', site: 'www' }, state: { is } } as PublishJob;
}

/** An engine that answers when the test says so. */
function openEngine() {
  const asked = new Map<string, (value: unknown) => void>();
  let listener: (event: BridgeEvent) => void = () => undefined;
  const bridge = {
    kind: 'desktop' as const,
    pathForFile: () => '',
    call: ((name: string) => new Promise((resolve) => asked.set(name, resolve))) as never,
    subscribe: (hear: typeof listener) => {
      listener = hear;
      return () => undefined;
    },
  };
  end = replicate(bridge);
  return {
    bridge,
    tell: (event: BridgeEvent) => listener(event),
    answer: async (name: string, value: Status | object): Promise<void> => {
      asked.get(name)?.(value);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
