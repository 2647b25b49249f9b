import type { ImportSkip } from '../../../../shared/contract/target-import.ts';

/** An entry of a file with logins, as it stands there: nothing of it has been checked. */
export interface Login {
  /** What the person calls it, or the server. */
  readonly title: string;
  readonly host: string;
  /** Absent: the usual one. */
  readonly port?: string;
  readonly user: string;
  readonly password?: string;
  readonly folder: string;
  /** What is used to reach it, or why that cannot be done. */
  readonly protocol: 'ftps' | 'ftp' | Extract<ImportSkip, 'sftp' | 'implicit-tls' | 'other-protocol' | 'default'>;
}
