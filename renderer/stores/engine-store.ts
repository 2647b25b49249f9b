import { create } from 'zustand';
import type { BridgeEvent, HostState } from '../../shared/contract/bridge.ts';
import type { HistoryRow, Status } from '../../shared/contract/status.ts';
import type { Bridge } from '../bridge/bridge.ts';

/** How many rows of history the replica holds. */
const HISTORY_ROWS = 200;
/** While changes pour in, the history is asked for this often at most. */
const HISTORY_MILLIS = 500;

/**
 * What the interface knows of the engine. `view` says what that is worth: what stands here while the engine is lost is
 * what was known last, and is shown as such.
 */
export interface EngineView {
  readonly view:
    | { readonly is: 'connecting' }
    | { readonly is: 'live' }
    | { readonly is: 'lost'; readonly since: number; readonly retryAt: number | undefined }
    | { readonly is: 'denied' };
  readonly host: HostState | undefined;
  readonly status: Status | undefined;
  /** Grows by one with each status: what was asked before may be told otherwise now. */
  readonly revision: number;
  readonly history: readonly HistoryRow[];
}

export const useEngine = create<EngineView>(() => ({
  view: { is: 'connecting' },
  host: undefined,
  status: undefined,
  revision: 0,
  history: [],
}));

/** Keeps the replica in step with the engine. Returns what ends it. */
export function replicate(bridge: Bridge): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  const loadHistory = async (): Promise<void> => {
    timer = undefined;
    try {
      const history = await bridge.call('history.list', { limit: HISTORY_ROWS });
      if (!ended) useEngine.setState({ history });
    } catch {
      // The engine went away meanwhile; when it is back, its status event asks for the history again.
    }
  };

  const hear = (event: BridgeEvent): void => {
    switch (event.type) {
      case 'host':
        useEngine.setState({ host: event.host, view: { is: 'live' } });
        if (event.host.state === 'running') void loadStatus();
        return;
      case 'event':
        takeStatus(event.event.status);
        useEngine.setState({ view: { is: 'live' } });
        timer ??= setTimeout(() => void loadHistory(), HISTORY_MILLIS);
        return;
      case 'lost':
        useEngine.setState(({ view }) => ({
          view: { is: 'lost', since: view.is === 'lost' ? view.since : Date.now(), retryAt: event.retryAt },
        }));
        return;
      case 'denied':
        useEngine.setState({ view: { is: 'denied' } });
        return;
      case 'go':
        // Not of the engine: the frame goes there.
        return;
    }
  };

  const loadStatus = async (): Promise<void> => {
    try {
      const status = await bridge.call('node.status', {});
      if (!ended) takeStatus(status);
      await loadHistory();
    } catch {
      // As above: the next `host` or status event asks again.
    }
  };

  const unsubscribe = bridge.subscribe(hear);
  return () => {
    ended = true;
    clearTimeout(timer);
    unsubscribe();
  };
}

function takeStatus(status: Status): void {
  useEngine.setState(({ revision }) => ({ status, revision: revision + 1 }));
}
