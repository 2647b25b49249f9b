import { expect, test } from 'vitest';
import { type TestMaster, type TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const LONG = 3_600_000;
const MIB = 2 ** 20;
/** What leads nowhere is waited for, but not for long. */
const SOON = { missing: 300, late: LONG, deleted: LONG };

async function expectEqual({ master, mirror }: { master: TestMaster; mirror: TestMirror }): Promise<void> {
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.site.waits()).toEqual([]);
  expect(mirror.bugs).toEqual([]);
}

test('groups that overlap in a circle appear together', async () => {
  const pair = await startPair();
  const { master, mirror } = pair;
  const group = (name: string, ...members: string[]) => ({ name, members, rule: 'all' as const });
  await master.rules({ groups: [group('1', 'a', 'b'), group('2', 'b', 'c'), group('3', 'c', 'a')] });
  await master.put('a', 'a');
  await master.put('b', 'b');
  await until(() => mirror.site.waits()[0]?.files === 2);
  expect(await readTree(mirror.rootFolder)).toEqual({});
  await master.put('c', 'c');
  await expectEqual(pair);
});

test('groups and pages that need each other in a circle appear together', async () => {
  const pair = await startPair();
  const { master, mirror } = pair;
  await master.rules({
    groups: [{ name: 'g', members: ['a.html', 'b.html'], rule: 'all' }],
    links: { missing: LONG, late: LONG, deleted: LONG, set: [{ glob: 'c.html', target: 'a.html' }] },
  });
  await master.put('a.html', '<a href="c.html">');
  await master.put('c.html', '<a href="b.html">');
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 2);
  expect(await readTree(mirror.rootFolder)).toEqual({});
  await master.put('b.html', '');
  await expectEqual(pair);
});

test('a group with a pattern that nothing matches is held with its reason, or published at its limit', async () => {
  const pair = await startPair();
  const { master, mirror } = pair;
  const members = (name: string) => [name, 'nothing/**/*.{none,void}'];
  await master.rules({
    groups: [
      { name: 'ends', members: members('a'), rule: 'all', limit: 300 },
      { name: 'holds', members: members('b'), rule: 'all', limit: 300, atLimit: 'hold' },
    ],
  });
  await master.put('a', 'a');
  await master.put('b', 'b');
  await until(() => mirror.site.held() === 1);
  expect(mirror.site.waits()).toMatchObject([
    { id: 'group:holds', error: { code: 'wait.held' }, waitsFor: ['nothing/**/*.{none,void}'] },
  ]);
  await until(async () => 'a @' === (Object.values(await readTree(mirror.rootFolder))[0] ?? '').slice(0, 3));
  expect(await mirror.site.resolve('group:holds', 'publish', 'osaka')).toBe(true);
  await expectEqual(pair);
});

test('links out of the site hold nobody up for longer than a link that leads nowhere', async () => {
  const pair = await startPair();
  const { master } = pair;
  await master.rules({ links: SOON });
  const links = [
    '../../../../etc/passwd',
    '..%2f..%2fetc/passwd',
    '%2e%2e/%2e%2e/etc/shadow',
    '..\\..\\windows',
    '//example.net/x',
    'https://www.example.org/../../x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    '/.lockstep/lockstep.db',
    '/\0',
    `/${'x'.repeat(100_000)}`,
    '%',
    '%ff%fe',
    'https://[',
  ];
  await master.put('a.html', links.map((link) => `<a href="${link}">`).join(''));
  await master.put('a.css', links.map((link) => `@import url("${link}");`).join(''));
  await expectEqual(pair);
});

test('a page of 50 MB, and pages made to be hard to read, are published as they are', async () => {
  const pair = await startPair();
  const { master } = pair;
  await master.rules({ links: SOON });
  await master.put('large.html', '<a href="nowhere.html">x</a>'.padEnd(MIB).repeat(50));
  await master.put('links.html', Array.from({ length: 100_000 }, (_, at) => `<a href="${at}.html">`).join(''));
  await master.put('deep.html', '<div>'.repeat(1_000_000));
  await master.put('attributes.html', `<a ${Array.from({ length: 200_000 }, (_, at) => `a${at}="x"`).join(' ')}>`);
  await master.put('comment.html', `<!--${'<a href="x">'.repeat(200_000)}`);
  await master.put('srcset.html', `<img srcset="${', '.repeat(2_000_000)}">`);
  await master.put('deep.css', '{'.repeat(1_000_000));
  await master.put('urls.css', 'a{background:url('.repeat(200_000));
  await master.put('bomb.xml', `<!DOCTYPE r [<!ENTITY a "a">${'<!ENTITY b "&a;&a;">'.repeat(10_000)}]><urlset>&b;`);
  await master.put('manifest.json', '['.repeat(1_000_000));
  await master.put('bytes.html', Buffer.alloc(MIB, 0xff));
  await expectEqual(pair);
});
