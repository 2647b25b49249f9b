import { describe, expect, it } from 'vitest';
import { parseOutside } from '../../renderer/ui/outside-address.ts';
import { suggestSiteName } from '../../renderer/features/first-start/suggest.ts';
import { furthest, reachOf } from '../../shared/domain/reach.ts';

describe('a name for the site', () => {
  it.each([
    ['/srv/example.org', 'example.org'],
    ['/var/www/example.org/public_html', 'example.org'],
    ['/home/a/My Site (2026)/', 'My-Site-2026'],
    [String.raw`C:\Sites\shop\dist`, 'shop'],
    ['/日本語サイト', '日本語サイト'],
    ['/', 'www'],
    ['/...', 'www'],
    [`/${'x'.repeat(200)}`, 'x'.repeat(64)],
    ['/html', 'html'],
  ])('%s', (folder, name) => expect(suggestSiteName(folder)).toBe(name));
});

describe('from where an address can be reached', () => {
  it.each([
    ['127.0.0.1:2122', 'loopback'],
    ['[::1]:2122', 'loopback'],
    ['localhost:2122', 'loopback'],
    ['10.1.2.3:2122', 'private'],
    ['172.16.0.1:1', 'private'],
    ['172.32.0.1:1', 'public'],
    ['192.168.1.5:2122', 'private'],
    ['100.100.1.1:2122', 'private'],
    ['169.254.7.7:1', 'private'],
    ['[fd00:1::7]:2122', 'private'],
    ['[2001:db8::7]:2122', 'public'],
    ['203.0.113.9:2122', 'public'],
    ['tokyo:2122', 'private'],
    ['tokyo.local:2122', 'private'],
    ['www.example.org:2122', 'public'],
  ] as const)('%s: %s', (address, reach) => expect(reachOf(address)).toBe(reach));

  it('the one that reaches furthest is shown, numbers before a name that others may not know', () => {
    expect(furthest(['tokyo:2122', '192.168.1.5:2122', '127.0.0.1:2122'])).toEqual({
      address: '192.168.1.5:2122',
      reach: 'private',
    });
    expect(furthest(['192.168.1.5:1', '203.0.113.9:1'])?.address).toBe('203.0.113.9:1');
    expect(furthest(['tokyo:1', '127.0.0.1:1'])).toEqual({ address: 'tokyo:1', reach: 'private' });
    expect(furthest([])).toBeUndefined();
  });
});

it('an address from outside is a host with or without a port', () => {
  expect(
    [
      'www.example.org',
      ' www.example.org:99 ',
      '[2001:db8::1]:7',
      '203.0.113.9',
      '2001:db8::1',
      'a:b',
      'x:0',
      'x:70000',
      '',
      'a b',
    ].map((text) => parseOutside(text, 2122)),
  ).toEqual([
    { host: 'www.example.org', port: 2122 },
    { host: 'www.example.org', port: 99 },
    { host: '2001:db8::1', port: 7 },
    { host: '203.0.113.9', port: 2122 },
    ...Array<undefined>(6).fill(undefined),
  ]);
});
