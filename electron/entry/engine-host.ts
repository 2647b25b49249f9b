import type { z } from 'zod';
import {
  bridgeRequest,
  type BridgeMessage,
  type BridgeResult,
  type EngineEvent,
  type HostCallName,
  hostCalls,
  type HostState,
} from '../../shared/contract/bridge.ts';
import { type CallName, type CallParams, type CallResult, calls } from '../../shared/contract/calls.ts';
import { parseParams } from '../../shared/contract/issue.ts';
import { AppError } from '../../shared/errors/app-error.ts';

type FirstStart = z.output<(typeof hostCalls)['host.init']['params']>;

/** How often ports are chosen at a first start. */
const FIRST_TRIES = 3;

/** One end of a MessagePort: that of Electron, or of Node in the tests. */
export interface BridgePort {
  post(message: BridgeMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** What the host needs of an engine. */
export interface HostedEngine {
  call<N extends CallName>(name: N, params: CallParams<N>): Promise<unknown>;
  subscribe(listener: (event: EngineEvent) => void, want?: 'status'): () => void;
  stop(): Promise<void>;
}

export type Checks = {
  readonly [N in 'folder.check' | 'pairing.check']: (
    params: z.output<(typeof calls)[N]['params']>,
  ) => Promise<CallResult<N>>;
};

export interface EngineHostOptions {
  /** Rejects `node.missing` where nobody has said yet what this install is to be. */
  readonly create: () => Promise<HostedEngine>;
  /** Writes the first configuration. Resolves what takes it back. */
  readonly init: (options: { role: 'master' | 'mirror'; name: string }) => Promise<{ undo: () => Promise<void> }>;
  /** What can be asked before there is an install. */
  readonly checks: Checks;
  readonly suggestedName: string;
  /** Told of each state of the host. */
  readonly onHost?: (host: HostState) => void;
  /** An engine runs, and stays. */
  readonly onRun?: (engine: HostedEngine) => void;
  /** Told of what no caller could have done better; the engine and its transfers go on. */
  readonly onBug: (error: unknown, call: string) => void;
}

/** Runs an engine and answers the interfaces that are connected to it. */
export interface EngineHost {
  /** Resolves when the engine runs, or when it is known why it does not. */
  start(): Promise<void>;
  serve(port: BridgePort): void;
  /** What an interface could ask, asked by the host's own process. */
  call(name: string, params: unknown): Promise<BridgeResult>;
  stop(): Promise<void>;
}

export function hostEngine(options: EngineHostOptions): EngineHost {
  const { create, init, checks, suggestedName, onHost, onRun, onBug } = options;
  const ports = new Set<BridgePort>();
  let engine: HostedEngine | undefined;
  let host: HostState = { state: 'starting' };
  let starting: Promise<void> | undefined;
  let making: Promise<unknown> | undefined;
  let stopped = false;
  let unsubscribe: (() => void) | undefined;

  const tell = (message: BridgeMessage): void => ports.forEach((port) => port.post(message));
  const become = (next: HostState): void => {
    host = next;
    onHost?.(host);
    tell({ type: 'host', host });
  };

  /** Nothing is gathered for nobody. */
  const listen = (): void => {
    if (engine !== undefined && ports.size > 0)
      unsubscribe ??= engine.subscribe((event) => tell({ type: 'event', event }));
    if (ports.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  };

  const start = (): Promise<void> => {
    starting ??= launch().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const launch = async (): Promise<void> => {
    if (engine !== undefined || stopped) return;
    become({ state: 'starting' });
    try {
      run(await create());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'node.missing') become({ state: 'unset', suggestedName });
      else become({ state: 'failed', error: error.toJSON() });
    }
  };

  const run = (started: HostedEngine): void => {
    engine = started;
    onRun?.(started);
    become({ state: 'running' });
    listen();
  };

  /**
   * Makes the install and takes its first steps. Nobody is told of it before they are all done: where one fails, all is taken
   * back, and the person can try again, as whatever they like.
   */
  const make = async (wanted: FirstStart): Promise<void> => {
    const { fresh, undo } = await createFirst(wanted);
    try {
      await takeFirstSteps(fresh, wanted);
    } catch (error) {
      await fresh.stop();
      await undo();
      throw error;
    }
    run(fresh);
  };

  /** Where somebody takes a port between the choice and the start, other ports are chosen. */
  const createFirst = async ({
    role,
    name,
  }: FirstStart): Promise<{ fresh: HostedEngine; undo: () => Promise<void> }> => {
    for (let tries = 1; ; tries++) {
      const { undo } = await init({ role, name });
      try {
        return { fresh: await create(), undo };
      } catch (error) {
        await undo();
        if (tries === FIRST_TRIES || !isTaken(error)) throw error;
      }
    }
  };

  const hosted = async (name: HostCallName, params: unknown): Promise<unknown> => {
    switch (name) {
      case 'host.retry':
        await start();
        return {};
      case 'host.init': {
        const wanted = parseParams(name, hostCalls[name].params, params);
        making = make(wanted);
        await making;
        return { name: wanted.name };
      }
    }
  };

  const ask = async (name: string, params: unknown): Promise<unknown> => {
    if (isHostCall(name)) return hosted(name, params);
    if (!isCall(name)) throw new AppError('call.unknown', { name });
    if (engine === undefined) return askWithout(name, params);
    return engine.call(name, parseParams(name, calls[name].params, params));
  };

  const askWithout = (name: CallName, params: unknown): Promise<unknown> => {
    switch (name) {
      case 'folder.check':
        return checks[name](parseParams(name, calls[name].params, params));
      case 'pairing.check':
        return checks[name](parseParams(name, calls[name].params, params));
      default:
        throw new AppError('node.not-running', {});
    }
  };

  const answer = async (name: string, params: unknown): Promise<BridgeResult> => {
    try {
      return { ok: true, value: await ask(name, params) };
    } catch (error) {
      if (!(error instanceof AppError)) onBug(error, name);
      return { ok: false, error: (error instanceof AppError ? error : new AppError('internal')).toJSON() };
    }
  };

  const serve = (port: BridgePort): void => {
    ports.add(port);
    port.onClose(() => {
      ports.delete(port);
      listen();
    });
    port.onMessage((message) => {
      const request = bridgeRequest.safeParse(message);
      // Without an id there is nobody to answer.
      if (!request.success) return;
      const { id, name, params } = request.data;
      void answer(name, params).then((result) => port.post({ type: 'response', id, result }));
    });
    port.post({ type: 'host', host });
    listen();
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    await starting;
    // Whether it came about is told to whoever asked for it.
    await making?.catch(() => undefined);
    await engine?.stop();
    engine = undefined;
  };

  return { start, serve, call: answer, stop };
}

async function takeFirstSteps(engine: HostedEngine, wanted: FirstStart): Promise<void> {
  if (wanted.role === 'mirror') {
    await engine.call('pairing.join', { code: wanted.code, root: wanted.root, takeOver: wanted.takeOver });
    return;
  }
  const { site, root, account, takeOver } = wanted;
  await engine.call('site.add', { name: site, root, takeOver });
  if (account !== undefined) await engine.call('account.add', { ...account, site });
}

/** By another program, or by a listener of this install whose port the system chose. */
function isTaken(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'port.busy' || error.code === 'port.own');
}

function isCall(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}

function isHostCall(name: string): name is HostCallName {
  return Object.hasOwn(hostCalls, name);
}
