import { hostname } from 'node:os';
import type { Config, ConfigInput } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createConfig, unreadable } from '../config/config-file.ts';
import { systemCode } from '../tree/file-error.ts';
import { makePrivateFolder } from '../tree/make-folder.ts';
import { refuseWithin } from '../tree/nested-roots.ts';

export interface NodeOptions {
  readonly role: 'master' | 'mirror';
  /** Absent: the host's name. */
  readonly name?: string;
  readonly ftp?: Address;
  readonly link?: Address;
  readonly console?: Address;
  /** Accept FTP without TLS too. */
  readonly plainFtp?: boolean;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Makes `dataDir` the data folder of a new install. Rejects `node.exists`, `node.wrong-role`, `port.own`, `site.root-clash`, `config.invalid`. */
export async function initNode(dataDir: string, options: NodeOptions): Promise<Config> {
  if (options.role === 'mirror' && (options.ftp || options.plainFtp))
    throw new AppError('node.wrong-role', { wanted: 'master', role: 'mirror' });
  const first = firstConfig(options);
  refuseShared([first.ftp, first.link, first.console]);
  refuseWithin(dataDir);
  await makePrivateFolder(dataDir).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') throw new AppError('file.not-directory', { path: dataDir }, error);
    throw unreadable(dataDir, error);
  });
  return createConfig(dataDir, first);
}

/** Two listeners cannot be at one place. Throws `port.own`. */
function refuseShared(listeners: readonly (Address | undefined)[]): void {
  const places = listeners.flatMap((place) => (place && place.port !== 0 ? [place] : []));
  for (const [at, place] of places.entries())
    if (places.slice(0, at).some((other) => isShared(place, other)))
      throw new AppError('port.own', { port: place.port });
}

function isShared(one: Address, other: Address): boolean {
  const isAll = ({ host }: Address): boolean => host === '0.0.0.0' || host === '::';
  return one.port === other.port && (one.host === other.host || isAll(one) || isAll(other));
}

function firstConfig(options: NodeOptions): ConfigInput {
  const { role } = options;
  const link = options.link ?? (role === 'master' ? { host: '0.0.0.0', port: 2122 } : undefined);
  return {
    version: 1,
    node: { name: options.name ?? nameOfHost(), role },
    ...(role === 'master' && {
      ftp: { ...(options.ftp ?? { host: '0.0.0.0', port: 2121 }), tls: options.plainFtp ? 'optional' : 'required' },
    }),
    ...(link && { link }),
    ...(options.console && { console: options.console }),
  };
}

/** The host's name without its domain, made a valid name of an install. */
export function nameOfHost(): string {
  const [host = ''] = hostname().split('.');
  const valid = host.replace(/[^\p{L}\p{N}._-]/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '');
  return valid.slice(0, 64) || 'lockstep';
}
