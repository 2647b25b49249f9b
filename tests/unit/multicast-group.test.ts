import type { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { type GroupSettings, multicastGroup, reachOf } from '../../electron/engine/link/multicast/group.ts';

type Interfaces = ReturnType<typeof networkInterfaces>;

const address = (family: 'IPv4' | 'IPv6', address: string, scopeid = 0): NonNullable<Interfaces[string]>[number] => {
  const common = { address, netmask: '', mac: '', internal: false, cidr: null };
  return family === 'IPv4' ? { ...common, family } : { ...common, family, scopeid };
};
const interfaces: Interfaces = {
  lo: [address('IPv4', '127.0.0.1')],
  eth0: [address('IPv4', '192.0.2.1'), address('IPv4', '192.0.2.9'), address('IPv6', 'fe80::1', 3)],
};
const zone = process.platform === 'win32' ? '3' : 'eth0';

const refusal = (settings: GroupSettings): unknown => {
  try {
    return multicastGroup(settings);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
const reach = (settings: Partial<GroupSettings>): unknown => {
  try {
    return reachOf(multicastGroup({ group: '239.1.2.3', port: 7084, ...settings }), interfaces);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

test('groups that programs may use pass', () => {
  expect(multicastGroup({ group: '239.1.2.3', port: 7084 })).toEqual({
    family: 'udp4',
    address: '239.1.2.3',
    port: 7084,
    interface: undefined,
    ttl: 1,
  });
  expect(multicastGroup({ group: 'FF12::7084', port: 1, interface: 'eth0', ttl: 255 })).toEqual({
    family: 'udp6',
    address: 'FF12::7084',
    port: 1,
    interface: 'eth0',
    ttl: 255,
  });
  expect(multicastGroup({ group: '224.0.1.1', port: 65535 })).toMatchObject({ family: 'udp4' });
});

test.each([
  '10.1.2.3',
  '223.255.255.255',
  '240.0.0.1',
  '224.0.0.251',
  '239.1.2',
  '239.1.2.3.4',
  'fe80::1',
  'ff00::1',
  'ff0f::1',
  'ff02::1%eth0',
  'ff12::1',
  'all-hosts',
  '',
])('%s is refused', (group) => {
  expect(refusal({ group, port: 7084 })).toBe('multicast.group');
});

test.each([
  { port: 0 },
  { port: 65536 },
  { port: 1.5 },
  { port: Number.NaN },
  { port: 1, ttl: -1 },
  { port: 1, ttl: 256 },
])('%o is refused', (settings) => {
  expect(refusal({ group: '239.1.2.3', ...settings })).toBe('multicast.group');
});

test('an interface is found by its name and by its addresses', () => {
  expect(reach({})).toEqual({ via: undefined, address: '239.1.2.3' });
  expect(reach({ interface: 'lo' })).toEqual({ via: '127.0.0.1', address: '239.1.2.3' });
  expect(reach({ interface: 'eth0' })).toEqual({ via: '192.0.2.1', address: '239.1.2.3' });
  expect(reach({ interface: '192.0.2.9' })).toEqual({ via: '192.0.2.9', address: '239.1.2.3' });
  expect(reach({ interface: 'fe80::1%eth0' })).toEqual({ via: '192.0.2.1', address: '239.1.2.3' });
  expect(reach({ group: 'ff15::1', interface: 'eth0' })).toEqual({ via: `::%${zone}`, address: 'ff15::1' });
  expect(reach({ group: 'ff12::1', interface: '192.0.2.1' })).toEqual({
    via: `::%${zone}`,
    address: `ff12::1%${zone}`,
  });
});

test('an interface that is not there, or does not speak the family, is an error that may pass', () => {
  expect(reach({ interface: 'eth9' })).toBe('multicast.interface');
  expect(reach({ interface: '192.0.2.77' })).toBe('multicast.interface');
  expect(reach({ group: 'ff12::1', interface: 'lo' })).toBe('multicast.interface');
});
