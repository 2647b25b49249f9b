import { expect, onTestFinished, test, vi } from 'vitest';
import { LOG_SAME_LINES_MAX } from '../../electron/engine/log/line-pace.ts';
import { LogRing } from '../../electron/engine/log/log-ring.ts';
import { createLog } from '../../electron/engine/log/logger.ts';
import { scrub } from '../../electron/engine/log/scrub.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { NOT_SHOWN } from '../../shared/domain/not-shown.ts';
import { LOG_LINES_MAX } from '../../shared/contract/log.ts';

function newLog(level: 'warn' | 'info' = 'warn') {
  const out: string[] = [];
  return { ...createLog(level, { write: (line) => void out.push(line) }), out };
}

test('what another install says of an error cannot steer the terminal on which a log is shown', () => {
  const { logger, out } = newLog();
  const params = { path: '\u001b[31m\u009b31m\u202ename', reason: 'a\nb' };
  logger.warn({ error: { code: 'file.io', params } }, 'the link is closed');
  expect(out.join().trimEnd()).not.toMatch(NOT_SHOWN);
  expect(JSON.parse(out.join())).toMatchObject({ error: { params } });
});

test('lines are kept apart from what goes out, and more is recorded at once where it is asked for, by children too', () => {
  const { logger, ring, out } = newLog();
  const child = logger.child({ part: 'ftp', site: 'www' });
  child.debug('not recorded');
  child.info({ user: 'alice' }, 'a login');
  ring.recorded = 'debug';
  child.debug({ verb: 'DELE', reply: 550 }, 'a command was refused');
  child.warn({ code: 'port.busy', params: { port: 21 } }, 'something');
  expect(out.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['something']);
  const { lines, last, recorded } = ring.page({ limit: 100 });
  expect(lines).toEqual([
    {
      id: 1,
      at: expect.any(Number),
      level: 'info',
      text: 'a login',
      part: 'ftp',
      site: 'www',
      details: { user: 'alice' },
    },
    {
      id: 2,
      at: expect.any(Number),
      level: 'debug',
      text: 'a command was refused',
      part: 'ftp',
      site: 'www',
      details: { verb: 'DELE', reply: 550 },
    },
    {
      id: 3,
      at: expect.any(Number),
      level: 'warn',
      text: 'something',
      part: 'ftp',
      site: 'www',
      error: { code: 'port.busy', params: { port: 21 } },
      details: {},
    },
  ]);
  expect([last, recorded]).toEqual([3, 'debug']);
  expect(ring.page({ after: 1, limit: 1 })).toMatchObject({ lines: [{ id: 2 }], last: 2, missed: 0 });
  expect(ring.page({ after: 3, limit: 10 })).toMatchObject({ lines: [], last: 3 });
  expect(ring.page({ limit: 10, level: 'warn' }).lines).toHaveLength(1);
});

test('errors: an expected one is told by its code, a bug by its message and stack', () => {
  const { logger, ring } = newLog();
  logger.error({ err: new AppError('file.disk-full', { path: 'a' }) }, 'expected');
  logger.error({ err: new TypeError('a bug') }, 'unexpected');
  logger.info({ error: new AppError('link.lost').toJSON(), peer: 'osaka' }, 'the link is closed');
  const [expected, bug, closed] = ring.page({ limit: 10 }).lines;
  expect(expected).toMatchObject({ error: { code: 'file.disk-full', params: { path: 'a' } }, details: {} });
  expect(expected).not.toHaveProperty('stack');
  expect(bug).toMatchObject({ details: { reason: 'a bug' }, stack: expect.stringContaining('log.test.ts') });
  expect(closed).toMatchObject({ peer: 'osaka', error: { code: 'link.lost' } });
});

test('the ring holds so many lines and characters, and says what was missed', () => {
  const ring = new LogRing();
  const line = (n: number, size = 10): string =>
    JSON.stringify({ level: 30, time: 1, msg: String(n).padEnd(size, 'x') });
  for (let n = 1; n <= LOG_LINES_MAX + 1; n += 1) ring.write(line(n));
  const { lines, last } = ring.page({ limit: LOG_LINES_MAX });
  expect(lines.length).toBeLessThanOrEqual(LOG_LINES_MAX);
  expect(lines.length).toBeGreaterThan(LOG_LINES_MAX * 0.9);
  expect([last, lines.at(-1)?.id]).toEqual([LOG_LINES_MAX + 1, LOG_LINES_MAX + 1]);
  expect(ring.page({ after: 1, limit: 10 }).missed).toBe((lines[0]?.id ?? 0) - 2);
  for (let n = 0; n < 1000; n += 1) ring.write(line(n, 15_000));
  const sizes = ring.page({ limit: LOG_LINES_MAX }).lines.length;
  expect(sizes).toBeLessThan((4 * 1024 * 1024) / 15_000 + 1);
  ring.write(JSON.stringify({ level: 50, time: 1, msg: 'far too long', blob: '"\\'.repeat(100_000) }));
  expect(ring.page({ limit: 1 }).lines[0]).toMatchObject({ level: 'error', text: 'far too long' });
});

test.each([
  ['{"password":"hun\\"ter2","a":1}', 'ter2'],
  ['{"ftp":{"user":"u","Password":"hunter2"}}', 'hunter2'],
  ['{"authorization":"Bearer abc.def-123"}', 'abc.def'],
  ['{"url":"https://127.0.0.1:1/#token=s3cr3t_x-y"}', 's3cr3t_x-y'],
  ['{"url":"ftp://alice:hunter2@example.org/"}', 'hunter2'],
  ['{"msg":"lockstep1-eyJhIjoxfQabc"}', 'eyJhIjoxfQabc'],
  ['{"msg":"PASS hunter2 with words"}', 'with words'],
  ['{"hash":"$scrypt$ln=15,r=8,p=1$c2FsdA==$a2V5"}', 'a2V5'],
  ['{"protocol":"lockstep.token.abc123"}', 'abc123'],
  [JSON.stringify({ key: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----' }), 'MIIE'],
])('%s is not told', (line, secret) => {
  const text = scrub(line);
  expect(text).toContain('[hidden]');
  expect(text).not.toContain(secret);
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

test('a field that is called like a part of the line breaks nothing', () => {
  const { logger, ring } = newLog();
  logger.info({ level: 'debug', site: 7, time: null }, 'odd');
  expect(ring.page({ limit: 1 }).lines[0]).toMatchObject({ level: 'info', text: 'odd' });
});

test('what is no secret stays', () => {
  const line =
    '{"level":30,"msg":"the link is open","peer":"osaka","from":"10.0.0.1","code":"pair.used","key":"folder"}';
  expect(scrub(line)).toBe(line);
});

test('a flood of one kind of line is counted, not written, and hides nothing else', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { logger, ring, out } = newLog('info');
  const said = () => out.splice(0).map((line) => JSON.parse(line) as { msg: string; more?: number; of?: string });
  const flood = (count: number) => {
    for (let at = 0; at < count; at += 1) logger.child({ session: at }).info({ at }, 'a login was refused');
  };
  flood(LOG_SAME_LINES_MAX + 1000);
  logger.warn('something else');
  const first = said();
  expect(first).toHaveLength(LOG_SAME_LINES_MAX + 1);
  expect(first.at(-1)).toMatchObject({ msg: 'something else' });
  vi.advanceTimersByTime(60_000);
  expect(said()).toEqual([
    expect.objectContaining({ msg: 'lines of one kind were too many', more: 1000, of: 'a login was refused' }),
  ]);
  flood(10);
  expect(said()).toHaveLength(10);
  vi.advanceTimersByTime(120_000);
  expect(said()).toEqual([]);
  // What is recorded on purpose is not thinned out.
  ring.recorded = 'debug';
  for (let at = 0; at < LOG_SAME_LINES_MAX + 50; at += 1) logger.debug('a command was refused');
  expect(ring.page({ limit: 1000, level: 'debug' }).lines.filter((line) => line.level === 'debug')).toHaveLength(
    LOG_SAME_LINES_MAX + 50,
  );
});

test('a file whose name looks like the ends of a key leaves lines that can be read', () => {
  const lines: string[] = [];
  const { logger, ring } = createLog('info', { write: (line) => void lines.push(line) });
  const path = '-----END PRIVATE KEY-----x-----BEGIN PRIVATE KEY-----';
  logger.warn({ path, err: new AppError('file.denied', { path }) }, 'a file cannot be read');
  logger.warn({ path, reason: `${path}${'x'.repeat(20_000)}` }, 'a long one');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'a file cannot be read',
    'a long one',
  ]);
  expect(ring.page({ limit: 10 }).lines.map(({ text }) => text)).toEqual(['a file cannot be read', 'a long one']);
});
