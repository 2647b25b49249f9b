import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Changes } from './use-config.ts';

export const limitNames = [
  'sessions',
  'sessionsPerAddress',
  'idleSeconds',
  'stallSeconds',
  'listingEntries',
  'uploadBytes',
] as const;

type Limits = Readonly<Record<(typeof limitNames)[number], string>>;

/** What is typed: numbers as they are written. */
export interface ListeningDraft extends Limits {
  /** There is an FTP server: this is a master. */
  readonly ftp: boolean;
  readonly ftpHost: string;
  readonly ftpPort: string;
  readonly tls: 'required' | 'optional';
  readonly passiveMin: string;
  readonly passiveMax: string;
  readonly passiveAddress: string;
  readonly active: boolean;
  readonly closeNotify: boolean;
  readonly resumeTls: boolean;
  readonly linkOpen: boolean;
  readonly linkHost: string;
  readonly linkPort: string;
  readonly consoleHost: string;
  readonly consolePort: string;
}

/** Where peers are let in, for want of another. */
const LINK = { host: '0.0.0.0', port: 2122 };

export function readListening({ config: { ftp, link, console } }: ConfigView): ListeningDraft {
  const limits = Object.fromEntries(limitNames.map((name) => [name, String(ftp?.limits[name] ?? '')])) as Limits;
  return {
    ...limits,
    ftp: ftp !== undefined,
    ftpHost: ftp?.host ?? '',
    ftpPort: String(ftp?.port ?? 0),
    tls: ftp?.tls ?? 'required',
    passiveMin: String(ftp?.passive.min ?? 0),
    passiveMax: String(ftp?.passive.max ?? 0),
    passiveAddress: ftp?.passive.address ?? '',
    active: ftp?.active ?? false,
    closeNotify: ftp?.closeNotify ?? true,
    resumeTls: ftp?.resumeTls ?? false,
    linkOpen: link !== undefined,
    linkHost: (link ?? LINK).host,
    linkPort: String((link ?? LINK).port),
    consoleHost: console.host,
    consolePort: String(console.port),
  };
}

export function toListening(draft: ListeningDraft): Changes {
  const address = draft.passiveAddress.trim();
  const ftp = {
    host: draft.ftpHost,
    port: Number(draft.ftpPort),
    tls: draft.tls,
    passive: {
      min: Number(draft.passiveMin),
      max: Number(draft.passiveMax),
      address: address === '' ? null : address,
    },
    active: draft.active,
    closeNotify: draft.closeNotify,
    resumeTls: draft.resumeTls,
    limits: Object.fromEntries(limitNames.map((name) => [name, Number(draft[name])])),
  };
  return {
    ...(draft.ftp && { ftp }),
    link: draft.linkOpen ? { host: draft.linkHost, port: Number(draft.linkPort) } : null,
    console: { host: draft.consoleHost, port: Number(draft.consolePort) },
  };
}
