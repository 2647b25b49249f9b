import type { LockOut, Status, WaitingItem } from '../../../shared/contract/status.ts';
import type { LinkState } from '../link/link-hub.ts';
import type { Live } from '../live/live.ts';
import type { LostRoot } from '../tree/lost-roots.ts';
import type { Master } from '../master/master.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { Node } from '../install/node.ts';

/** `clockAheadMillis`: the peer's clock less ours, as of its last hello; so is `version`. */
type PeerLink = LinkState & { readonly clockAheadMillis: number | undefined; readonly version: string | undefined };

/** What status is made of. At rest there are no listeners and no links. */
export interface StatusSources {
  readonly node: Node;
  readonly master: Master | undefined;
  readonly mirror: Mirror | undefined;
  readonly listeners: Status['listeners'];
  readonly running: boolean;
  /** Absent at rest. */
  readonly live: Live | undefined;
  readonly link: (peer: string) => PeerLink | undefined;
  /** Absent: `config.json` is in force. */
  readonly configFault?: { toJSON(): WaitingItem['error'] };
  /** Absent: the certificate of the settings is in force, or there is none. */
  readonly certificateFault?: { toJSON(): WaitingItem['error'] };
  /** Absent at rest. */
  readonly lockOuts?: readonly LockOut[];
  /** Absent at rest. */
  readonly hooks?: NonNullable<Status['hooks']>;
  readonly siteFaults: ReadonlyMap<string, { toJSON(): WaitingItem['error'] }>;
  /** Open sites whose folder is not there just now. */
  readonly lostRoots: ReadonlyMap<string, LostRoot>;
}
