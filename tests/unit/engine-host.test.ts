import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { type BridgePort, type EngineHost, type HostedEngine, hostEngine } from '../../electron/entry/engine-host.ts';
import type { EngineEvent } from '../../shared/contract/bridge.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { masterStatus } from '../support/statuses.ts';

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

it('answers calls, in whatever order they are done, and passes events on', async () => {
  const { engine, emit } = scripted();
  const host = hosting({ create: () => Promise.resolve(engine) });
  await host.start();
  const page = connect(host);
  page.send({ id: 1, name: 'peer.list', params: {} });
  page.send({ id: 2, name: 'step.seq', params: {} });
  emit({ type: 'status', status: masterStatus([]) });
  expect(await page.heard(4)).toEqual([
    { type: 'host', host: { state: 'running' } },
    { type: 'event', event: { type: 'status', status: masterStatus([]) } },
    { type: 'response', id: 2, result: { ok: true, value: { sites: [] } } },
    { type: 'response', id: 1, result: { ok: true, value: [] } },
  ]);
});

it('refuses what it does not know, what does not fit, and what is malformed', async () => {
  const bugs: unknown[] = [];
  const host = hosting({ create: () => Promise.resolve(scripted().engine), onBug: (error) => bugs.push(error) });
  await host.start();
  const page = connect(host);
  page.send('nonsense');
  page.send({ id: -1, name: 'node.status', params: {} });
  page.send({ id: 1, name: 'nothing.known', params: {} });
  page.send({ id: 2, name: '__proto__', params: {} });
  page.send({ id: 3, name: 'site.add', params: { name: '../x', root: 1 } });
  page.send({ id: 4, name: 'waiting.list', params: {} });
  const [, ...answers] = await page.heard(5);
  expect(answers).toEqual([
    { type: 'response', id: 1, result: refusal('call.unknown') },
    { type: 'response', id: 2, result: refusal('call.unknown') },
    { type: 'response', id: 3, result: refusal('call.invalid') },
    { type: 'response', id: 4, result: refusal('internal') },
  ]);
  expect(bugs).toEqual([new TypeError('a bug')]);
});

it('makes the install that a person asks for on its first start', async () => {
  const { engine, called } = scripted();
  const made: unknown[] = [];
  const host = hosting({
    create: () => (made.length === 0 ? Promise.reject(new AppError('node.missing')) : Promise.resolve(engine)),
    init: (options) => {
      made.push(options);
      return Promise.resolve({ undo: () => Promise.reject(new Error('undone')) });
    },
  });
  await host.start();
  const page = connect(host);
  const account = { user: 'editor', password: 'a good password' };
  const params = { role: 'master', name: 'origin', site: 'www', root: '/srv/www', account };
  page.send({ id: 1, name: 'host.init', params });
  expect(await page.heard(3)).toEqual([
    { type: 'host', host: { state: 'unset', suggestedName: 'here' } },
    { type: 'host', host: { state: 'running' } },
    { type: 'response', id: 1, result: { ok: true, value: { name: 'origin' } } },
  ]);
  expect(made).toEqual([{ role: 'master', name: 'origin' }]);
  expect(called).toEqual([
    ['site.add', { name: 'www', root: '/srv/www', takeOver: false }],
    ['account.add', { ...account, site: 'www' }],
  ]);
});

it('takes back a first start of which a step fails, so that it can be repeated', async () => {
  const steps: string[] = [];
  let there = false;
  let refuse = true;
  const { engine, stops } = scripted();
  const host = hosting({
    create: () => (there ? Promise.resolve(engine) : Promise.reject(new AppError('node.missing'))),
    init: () => {
      steps.push('init');
      there = true;
      return Promise.resolve({
        undo: () => {
          steps.push('undo');
          there = false;
          return Promise.resolve();
        },
      });
    },
  });
  const call = engine.call.bind(engine);
  Object.assign(engine, {
    call: (...asked: Parameters<typeof call>) => (refuse ? Promise.reject(new AppError('pair.used')) : call(...asked)),
  });
  await host.start();
  const page = connect(host);
  const params = { role: 'mirror', name: 'osaka', code: 'a code', root: '/srv/www' };
  page.send({ id: 1, name: 'host.init', params });
  expect(await page.heard(2)).toEqual([
    { type: 'host', host: { state: 'unset', suggestedName: 'here' } },
    { type: 'response', id: 1, result: refusal('pair.used') },
  ]);
  expect({ steps, stops: stops() }).toEqual({ steps: ['init', 'undo'], stops: 1 });
  refuse = false;
  page.send({ id: 2, name: 'host.init', params });
  expect((await page.heard(4)).slice(2)).toEqual([
    { type: 'host', host: { state: 'running' } },
    { type: 'response', id: 2, result: { ok: true, value: { name: 'osaka' } } },
  ]);
});

it.each([
  ['another program', 'port.busy'],
  ['another listener of the same install', 'port.own'],
] as const)('chooses other ports at a first start when %s was quicker', async (_, code) => {
  const steps: string[] = [];
  let busy = 1;
  const { engine } = scripted();
  const host = hosting({
    create: () => {
      if (!steps.includes('init')) return Promise.reject(new AppError('node.missing'));
      return busy-- > 0 ? Promise.reject(new AppError(code, { port: 2121 })) : Promise.resolve(engine);
    },
    init: () => {
      steps.push('init');
      return Promise.resolve({ undo: () => Promise.resolve(void steps.push('undo')) });
    },
  });
  await host.start();
  const page = connect(host);
  const params = { role: 'master', name: 'origin', site: 'www', root: '/srv/www' };
  page.send({ id: 1, name: 'host.init', params });
  expect((await page.heard(3)).slice(1)).toEqual([
    { type: 'host', host: { state: 'running' } },
    { type: 'response', id: 1, result: { ok: true, value: { name: 'origin' } } },
  ]);
  expect(steps).toEqual(['init', 'undo', 'init']);
});

it('looks at codes and folders before there is an install', async () => {
  const host = hosting({});
  await host.start();
  const page = connect(host);
  page.send({ id: 1, name: 'folder.check', params: { root: '/srv', use: 'follow' } });
  page.send({ id: 2, name: 'folder.check', params: { root: '' } });
  page.send({ id: 3, name: 'pairing.check', params: { code: 'x' } });
  page.send({ id: 4, name: 'node.status', params: {} });
  const [, ...answers] = await page.heard(5);
  const byId = new Map(
    answers.map((answer) => [(answer as { id: number }).id, (answer as { result: unknown }).result]),
  );
  expect([1, 2, 3, 4].map((id) => byId.get(id))).toEqual([
    { ok: true, value: { root: '/srv', is: 'empty', entries: 0 } },
    refusal('call.invalid'),
    refusal('pair.bad-code'),
    refusal('node.not-running'),
  ]);
});

it('tells why the engine does not start, and starts it when asked again', async () => {
  let busy = true;
  const host = hosting({
    create: () =>
      busy ? Promise.reject(new AppError('port.busy', { port: 2121 })) : Promise.resolve(scripted().engine),
  });
  await host.start();
  const page = connect(host);
  page.send({ id: 1, name: 'node.status', params: {} });
  expect(await page.heard(2)).toEqual([
    { type: 'host', host: { state: 'failed', error: { code: 'port.busy', params: { port: 2121 } } } },
    { type: 'response', id: 1, result: refusal('node.not-running') },
  ]);
  busy = false;
  page.send({ id: 2, name: 'host.retry', params: {} });
  expect((await page.heard(5)).slice(2)).toEqual([
    { type: 'host', host: { state: 'starting' } },
    { type: 'host', host: { state: 'running' } },
    { type: 'response', id: 2, result: { ok: true, value: {} } },
  ]);
});

it('stops its engine once, and starts none afterwards', async () => {
  const { engine, stops } = scripted();
  let creations = 0;
  const host = hosting({
    create: () => {
      creations += 1;
      return Promise.resolve(engine);
    },
  });
  await host.start();
  await host.stop();
  await host.stop();
  await host.start();
  expect({ stops: stops(), creations }).toEqual({ stops: 1, creations: 1 });
});

function hosting(options: Partial<Parameters<typeof hostEngine>[0]>): EngineHost {
  const host = hostEngine({
    create: () => Promise.reject(new AppError('node.missing')),
    init: () => Promise.resolve({ undo: () => Promise.resolve() }),
    checks: {
      'folder.check': ({ root }) => Promise.resolve({ root, is: 'empty', entries: 0 }),
      'pairing.check': () => Promise.reject(new AppError('pair.bad-code')),
    },
    suggestedName: 'here',
    onBug: (error) => {
      throw error;
    },
    ...options,
  });
  closers.push(() => host.stop());
  return host;
}

function scripted(): {
  engine: HostedEngine;
  emit: (event: EngineEvent) => void;
  called: unknown[];
  stops: () => number;
} {
  const listeners = new Set<(event: EngineEvent) => void>();
  const called: unknown[] = [];
  let stops = 0;
  const engine: HostedEngine = {
    async call(name, params) {
      // All but this one take a turn, so `peer.list` is answered after it.
      if (name === 'step.seq') return { sites: [] };
      if (name === 'waiting.list') throw new TypeError('a bug');
      await new Promise((resolve) => setImmediate(resolve));
      if (name === 'peer.list') return [];
      called.push([name, params]);
      return {};
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => Promise.resolve(void stops++),
  };
  return { engine, emit: (event) => listeners.forEach((listener) => listener(event)), called, stops: () => stops };
}

/** A page at the other end of a real channel. */
function connect(host: EngineHost): { send(message: unknown): void; heard(count: number): Promise<unknown[]> } {
  const { port1, port2 } = new MessageChannel();
  const messages: unknown[] = [];
  let arrived = (): void => undefined;
  port2.on('message', (message) => {
    messages.push(message);
    arrived();
  });
  closers.push(() => port1.close());
  const port: BridgePort = {
    post: (message) => port1.postMessage(message),
    onMessage: (listener) => void port1.on('message', listener),
    onClose: (listener) => void port1.once('close', listener),
  };
  host.serve(port);
  return {
    send: (message) => port2.postMessage(message),
    async heard(count) {
      while (messages.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
      return messages;
    },
  };
}

function refusal(code: string): unknown {
  return { ok: false, error: expect.objectContaining({ code }) };
}
