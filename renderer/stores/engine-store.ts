import { create } from 'zustand';
import type { BridgeEvent, EngineEvent, HostState } from '../../shared/contract/bridge.ts';
import type { PublishJob } from '../../shared/contract/publishing.ts';
import type { Status } from '../../shared/contract/status.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { replicas } from './replicas.ts';
import { share } from './share.ts';

/** An engine gives a sign of life every five seconds. Without one for this long what is shown may be old. */
const SILENT_MILLIS = 16_000;
const LISTEN_MILLIS = 2000;

/**
 * What the interface knows of the engine. `view` says what that is worth: what stands here while the engine is lost, or
 * silent, is what was known last, and is shown as such.
 */
export interface EngineView {
  readonly view:
    | { readonly is: 'connecting' }
    | { readonly is: 'live' }
    /** The way to it is open, and nothing comes. */
    | { readonly is: 'silent'; readonly since: number }
    | { readonly is: 'lost'; readonly since: number; readonly retryAt: number | undefined }
    | { readonly is: 'denied' };
  readonly host: HostState | undefined;
  readonly status: Status | undefined;
  /** Grows by one whenever something happened: what was asked before may be told otherwise now. */
  readonly revision: number;
  /** Drops: those under way, and the last ones that have ended. */
  readonly jobs: readonly PublishJob[];
}

export const useEngine = create<EngineView>(() => ({
  view: { is: 'connecting' },
  host: undefined,
  status: undefined,
  revision: 0,
  jobs: [],
}));

/** Keeps the replica in step with the engine. Returns what ends it. */
export function replicate(bridge: Bridge): () => void {
  let ended = false;
  let heardAt = Date.now();
  /** How often the engine has told each by itself. */
  const told = { status: 0, publishing: 0 };

  const hear = (event: BridgeEvent): void => {
    heardAt = Date.now();
    switch (event.type) {
      case 'host':
        useEngine.setState(({ view, status }) => ({ host: event.host, view: viewAt(event.host, view, status) }));
        if (event.host.state !== 'running') return;
        replicas.open(bridge);
        void loadStatus();
        return;
      case 'event': {
        const { type } = event.event;
        if (type !== 'live') told[type] += 1;
        takeEvent(event.event);
        if (type === 'status' || useEngine.getState().view.is === 'silent') becomeLive();
        return;
      }
      case 'lost':
        replicas.close();
        useEngine.setState(({ view }) => ({
          view: { is: 'lost', since: view.is === 'lost' ? view.since : Date.now(), retryAt: event.retryAt },
        }));
        return;
      case 'denied':
        replicas.close();
        useEngine.setState({ view: { is: 'denied' } });
        return;
      case 'go':
        // Not of the engine: the frame goes there.
        return;
    }
  };

  const loadStatus = async (): Promise<void> => {
    const before = { ...told };
    try {
      const [status, jobs] = await Promise.all([bridge.call('node.status', {}), bridge.call('publish.list', {})]);
      if (ended) return;
      // What the engine has told meanwhile is newer than its answer; what was asked before is asked again all the same.
      if (told.status === before.status) takeEvent({ type: 'status', status });
      else useEngine.setState(({ revision }) => ({ revision: revision + 1 }));
      if (told.publishing === before.publishing) takeEvent({ type: 'publishing', jobs });
      becomeLive();
    } catch {
      // The engine went away meanwhile: the next `host` or status event tells.
    }
  };

  const listen = setInterval(() => {
    const { view, host } = useEngine.getState();
    if (view.is === 'live' && host?.state === 'running' && Date.now() - heardAt > SILENT_MILLIS)
      useEngine.setState({ view: { is: 'silent', since: heardAt } });
  }, LISTEN_MILLIS);
  const unsubscribe = bridge.subscribe(hear);
  return () => {
    ended = true;
    clearInterval(listen);
    replicas.close();
    unsubscribe();
  };
}

/** What is known from before stays old until the engine that is back has told its state. */
function viewAt(host: HostState, view: EngineView['view'], status: Status | undefined): EngineView['view'] {
  const isComing = host.state === 'starting' || host.state === 'running';
  if (view.is === 'lost' && status !== undefined && isComing) return { ...view, retryAt: undefined };
  return { is: 'live' };
}

function becomeLive(): void {
  if (useEngine.getState().view.is !== 'live') useEngine.setState({ view: { is: 'live' } });
}

function takeEvent(event: EngineEvent): void {
  switch (event.type) {
    case 'live':
      return replicas.take(event);
    case 'status':
      useEngine.setState((before) => {
        const status = share(before.status, event.status);
        return event.quiet ? { status } : { status, revision: before.revision + 1 };
      });
      return;
    case 'publishing':
      useEngine.setState({ jobs: event.jobs });
  }
}
