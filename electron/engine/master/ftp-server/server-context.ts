import type { Config } from '../../../../shared/contract/config.ts';
import type { Millis } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { Lock } from '../../core/lock.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Accounts, Login } from '../site-files.ts';
import type { AccountPace } from './account-pace.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { ServerTls } from './server-tls.ts';
import type { BreakReason } from '../../../../shared/errors/problems.ts';
import type { TransferKind } from './current-transfer.ts';

export type FtpConfig = NonNullable<Config['ftp']>;

/** The settings that a server takes over while clients are connected: they hold from the next command, or session, on. */
export function adoptable(config: FtpConfig): Omit<FtpConfig, 'host' | 'port' | 'tls'> {
  const { limits, passive, active, closeNotify, resumeTls, certificate } = config;
  return { limits, passive, active, closeNotify, resumeTls, certificate };
}

/** What all sessions of a server share. */
export interface ServerContext {
  readonly config: FtpConfig;
  readonly tls: ServerTls;
  readonly throttle: LoginThrottle;
  readonly accountPace: AccountPace;
  /**
   * To look at one keeps a processor, and a thread that files are read and written by: strangers may have one of each, and so may who comes
   * from where the owner of the account has logged in.
   */
  readonly passwords: { readonly strangers: Lock; readonly known: Lock };
  readonly refusalLog: RefusalLog;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEvent: (event: FtpEvent) => void;
  /** Bytes of files have passed. */
  readonly onBytes: (login: Login, kind: TransferKind, bytes: number) => void;
}

/** What happens at the server, for views and metrics. Changes are told by the journal, not from here. */
export type FtpEvent =
  /** The server's `certificateFault` has changed. */
  | { readonly type: 'certificateFault' }
  | { readonly type: 'sessionOpened'; readonly session: string; readonly address: string }
  | { readonly type: 'loggedIn'; readonly session: string; readonly address: string; readonly user: string }
  | { readonly type: 'loginRefused'; readonly session: string; readonly address: string; readonly user: string }
  | { readonly type: 'lockedOut'; readonly session: string; readonly address: string }
  | {
      readonly type: 'transferEnded';
      readonly session: string;
      readonly user: string;
      readonly kind: TransferKind;
      readonly path: SitePath;
      readonly bytes: number;
      readonly startedAt: Millis;
      /** `refused`: it never began, or the site refused to take it. */
      readonly outcome: 'done' | 'refused' | BreakReason;
    }
  | { readonly type: 'sessionClosed'; readonly session: string; readonly address: string };

/** A session as views show it. */
export interface FtpSessionInfo {
  readonly id: string;
  readonly address: string;
  readonly user?: string;
  readonly secure: boolean;
  readonly since: Millis;
  /** As the client sees it. */
  readonly folder: string;
  readonly transfer?: {
    readonly kind: TransferKind;
    readonly path: SitePath;
    readonly bytes: number;
    readonly startedAt: Millis;
  };
}
