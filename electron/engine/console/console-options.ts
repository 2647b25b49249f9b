import type { EngineEvent } from '../../../shared/contract/bridge.ts';
import type { CallName, CallParams, CallResult } from '../../../shared/contract/calls.ts';
import type { Config } from '../../../shared/contract/config.ts';
import type { SentPart } from '../../../shared/contract/sent-files.ts';
import type { Status } from '../../../shared/contract/status.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Logger } from '../ports.ts';

export interface ConsoleOptions {
  readonly config: Config['console'];
  /** The console shows the install's own certificate (PEM): its fingerprint is the install's id. */
  readonly identity: { readonly id: string; readonly key: string; readonly cert: string };
  readonly call: <N extends CallName>(name: N, params: CallParams<N>) => Promise<CallResult<N>>;
  readonly subscribe: (listener: (event: EngineEvent) => void) => () => void;
  readonly status: () => Promise<Status>;
  /** Of the FTP server; absent where none runs. */
  readonly ftpSessions?: () => number | undefined;
  /** Takes files of a browser; see `shared/contract/sent-files.ts`. */
  readonly sent: {
    put(id: string, path: SitePath, part: SentPart, body: AsyncIterable<Uint8Array>): Promise<string>;
    discard(id: string): Promise<void>;
  };
  readonly dataDir: string;
  /** The built renderer. Absent or empty: one plain page stands in for it. */
  readonly staticDir?: string;
  readonly logger: Logger;
}
