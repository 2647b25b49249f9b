import { isIPv4, isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { AppError } from '../../../../shared/errors/app-error.ts';

/** Where a site is announced, as the config says it. */
export interface GroupSettings {
  /** An IPv4 or IPv6 multicast address, without a zone. */
  readonly group: string;
  readonly port: number;
  /** The name of an interface (`eth0`) or one of its addresses; without it the system chooses by its routes. */
  readonly interface?: string | undefined;
  /** How many routers a datagram may pass, plus one. 1: it stays in the own network; 0: on this machine. */
  readonly ttl?: number | undefined;
}

/** Settings that were checked: only `multicastGroup` makes one. */
export interface MulticastGroup {
  readonly family: 'udp4' | 'udp6';
  readonly address: string;
  readonly port: number;
  readonly interface: string | undefined;
  readonly ttl: number;
}

/** How a group is reached on this machine now. */
export interface Reach {
  /** What `addMembership` and `setMulticastInterface` call the interface; undefined: the system chooses. */
  readonly via: string | undefined;
  /** The group, with its zone where the address means nothing without one (RFC 4007 §6). */
  readonly address: string;
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const TTL_DEFAULT = 1;
const TTL_MAX = 255;

/** Checks the settings. Throws `multicast.group`. */
export function multicastGroup({ group, port, interface: wanted, ttl = TTL_DEFAULT }: GroupSettings): MulticastGroup {
  const refuse = (reason: string): never => {
    throw new AppError('multicast.group', { group, reason });
  };
  const family = familyOf(group);
  if (family === undefined) return refuse('not a multicast address that programs may use');
  if (!Number.isInteger(port) || port < 1 || port > 65535) return refuse('the port must be 1 to 65535');
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > TTL_MAX) return refuse(`the TTL must be 0 to ${TTL_MAX}`);
  if (family === 'udp6' && needsZone(group) && wanted === undefined)
    return refuse('a group of this scope needs an interface');
  return { family, address: group, port, interface: wanted, ttl };
}

/** Looks the interface up. Throws `multicast.interface` where it is not there (or not up) now. */
export function reachOf(group: MulticastGroup, interfaces: Interfaces = networkInterfaces()): Reach {
  const wanted = group.interface;
  if (wanted === undefined) return { via: undefined, address: group.address };
  const bare = wanted.replace(/%.*$/, '');
  const found = Object.entries(interfaces).find(
    ([name, infos]) => name === wanted || infos?.some(({ address }) => address === bare),
  );
  if (found === undefined) throw new AppError('multicast.interface', { interface: wanted, reason: 'it is not there' });
  const [name, infos = []] = found;
  switch (group.family) {
    case 'udp4': {
      const ofFamily = infos.filter(({ family }) => family === 'IPv4');
      const info = ofFamily.find(({ address }) => address === bare) ?? ofFamily[0];
      if (info === undefined) throw noAddress(wanted, 'IPv4');
      return { via: info.address, address: group.address };
    }
    case 'udp6': {
      const zone = zoneOf(name, infos);
      if (zone === undefined) throw noAddress(wanted, 'IPv6');
      return { via: `::%${zone}`, address: needsZone(group.address) ? `${group.address}%${zone}` : group.address };
    }
  }
}

function noAddress(wanted: string, family: string): AppError {
  return new AppError('multicast.interface', { interface: wanted, reason: `it has no ${family} address` });
}

/** undefined: not a group, or one that is not for programs. */
function familyOf(group: string): MulticastGroup['family'] | undefined {
  // RFC 5771 §4: 224.0.0.0/24 is for the protocols of the network itself.
  if (isIPv4(group)) return /^(?:22[4-9]|23\d)\./.test(group) && !group.startsWith('224.0.0.') ? 'udp4' : undefined;
  // RFC 4291 §2.7: the scopes 0 and f are reserved.
  return isIPv6(group) && /^ff[0-9a-f][1-9a-e]:[^%]*$/i.test(group) ? 'udp6' : undefined;
}

/** Interface-local and link-local groups are others on each interface. */
function needsZone(group: string): boolean {
  return /^ff[0-9a-f][12]:/i.test(group);
}

/** Windows calls interfaces by number where addresses have a zone. */
function zoneOf(name: string, infos: readonly NetworkInterfaceInfo[]): string | undefined {
  const ofFamily = infos.filter((info) => info.family === 'IPv6');
  if (process.platform !== 'win32') return ofFamily.length > 0 ? name : undefined;
  return ofFamily.find(({ scopeid }) => scopeid > 0)?.scopeid?.toString();
}
