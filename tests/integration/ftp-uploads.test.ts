import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../shared/errors/app-error.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { startFtp } from '../support/ftp-server.ts';

const OLD = 'the file of before';
/** Of no round size: see GRACE_WHOLE_BLOCK_MILLIS. */
const big = Buffer.alloc(3_000_001, 'x');

describe('an upload', () => {
  const breaks: [string, RegExp | 'closed', string, (client: RawFtp) => Promise<void>][] = [
    [
      'by a reset of the data connection',
      /^426 The data connection broke off\./,
      'reset',
      async (client) => {
        const data = await client.data();
        await client.command('STOR a');
        data.write(big);
        data.resetAndDestroy();
      },
    ],
    [
      'by ABOR',
      /^426 The transfer was aborted by ABOR\./,
      'abort',
      async (client) => {
        const data = await client.data();
        await client.command('STOR a');
        data.write(big);
        client.write('ABOR\r\n');
      },
    ],
    [
      'by fewer bytes than ALLO announced',
      /^426 Fewer bytes/,
      'short',
      async (client) => {
        await client.command(`ALLO ${big.length + 1}`);
        const data = await client.data();
        await client.command('STOR a');
        data.end(big);
      },
    ],
    [
      'by fewer bytes than SITE EXPECT announced',
      /^426 Fewer bytes/,
      'short',
      async (client) => {
        await client.command(`SITE EXPECT ${big.length + 1} ${'0'.repeat(64)}`);
        const data = await client.data();
        await client.command('STOR a');
        data.end(big);
      },
    ],
    [
      'by the loss of the control connection',
      'closed',
      'control-lost',
      async (client) => {
        const data = await client.data();
        await client.command('STOR a');
        data.write(big);
        client.socket.destroy();
      },
    ],
    [
      'by both connections ended cleanly, data first, as of a killed client',
      'closed',
      'control-lost',
      async (client) => {
        const data = await client.data();
        await client.command('STOR a');
        data.end(big, () => client.socket.end());
      },
    ],
    [
      'by a stall',
      /^426 The data connection made no progress/,
      'stalled',
      async (client) => {
        const data = await client.data();
        await client.command('STOR a');
        data.write(big);
      },
    ],
  ];

  test.each(breaks)('that is broken off %s changes nothing', async (_, last, reason, breakOff) => {
    const ftp = await startFtp({ config: { limits: { stallSeconds: reason === 'stalled' ? 1 : 60 } } });
    const client = await RawFtp.login(ftp.port);
    await client.upload('STOR a', OLD);
    await breakOff(client);
    if (last === 'closed') await client.closed();
    else expect(await client.reply()).toMatch(last);
    // A stop would be a reason, too.
    await expect.poll(() => ftp.record).toHaveLength(2);
    await ftp.stop();
    expect(ftp.record).toEqual(['put a', `broken a ${reason}`]);
    expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe(OLD);
  });

  test('whose hash is another than announced changes nothing, with the right one it is published', async () => {
    const ftp = await startFtp();
    const client = await RawFtp.login(ftp.port);
    await client.upload('STOR a', OLD);
    await client.command(`SITE EXPECT ${big.length} ${'0'.repeat(64)}`);
    expect(await client.upload('STOR a', big)).toMatch(/^550 /);
    expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe(OLD);
    await client.command(`SITE EXPECT ${big.length} ${createHash('sha256').update(big).digest('hex')}`);
    expect(await client.upload('STOR a', big)).toMatch(/^226 /);
    expect(ftp.record).toEqual(['put a', 'broken a error', 'put a']);
  });

  test('that broke off is seen by its account in SIZE and MLST, and continued by REST or APPE', async () => {
    const ftp = await startFtp();
    const client = await RawFtp.login(ftp.port);
    const begin = async (name: string) => {
      await client.command('ALLO 10');
      expect(await client.upload(`STOR ${name}`, '01234')).toMatch(/^426 /);
      expect(await client.command(`SIZE ${name}`)).toBe('213 5');
      expect(await client.command(`MLST ${name}`)).toContain('size=5;');
    };
    await begin('a');
    expect(await (await RawFtp.login(ftp.port, 'mirror')).command('SIZE a')).toMatch(/^550 /);
    expect(await client.listing('NLST')).toEqual([]);
    await client.command('REST 5');
    expect(await client.upload('STOR a', '56789')).toMatch(/^226 /);
    await begin('b');
    expect(await client.upload('APPE b', '56789')).toMatch(/^226 /);
    expect([await readFile(join(ftp.root, 'a'), 'utf8'), await readFile(join(ftp.root, 'b'), 'utf8')]).toEqual([
      '0123456789',
      '0123456789',
    ]);
  });

  test('that begins anew is never continued with what broke off before it', async () => {
    const ftp = await startFtp();
    const client = await RawFtp.login(ftp.port);
    const breakOff = async (bytes: string) => {
      await client.command('ALLO 10');
      expect(await client.upload('STOR a', bytes)).toMatch(/^426 /);
      return client.command('SIZE a');
    };
    expect(await breakOff('01234567')).toBe('213 8');
    // Another version of the file, which comes less far.
    expect(await breakOff('abc')).toBe('213 3');
    await client.command('REST 3');
    expect(await client.upload('STOR a', 'defghij')).toMatch(/^226 /);
    expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('abcdefghij');
    // And one that comes no further than its name.
    await client.command('DELE a');
    expect(await breakOff('01234567')).toBe('213 8');
    expect(await breakOff('')).toMatch(/^(?:550 |213 0$)/);
  });

  test('is seen whole or not at all', async () => {
    const ftp = await startFtp();
    const client = await RawFtp.login(ftp.port);
    const reader = await RawFtp.login(ftp.port, 'mirror');
    await client.upload('STOR a', OLD);
    const data = await client.data();
    await client.command('STOR a');
    data.write(big);
    expect((await reader.download('RETR a')).toString()).toBe(OLD);
    data.end();
    expect(await client.reply()).toMatch(/^226 /);
    expect((await reader.download('RETR a')).equals(big)).toBe(true);
  });

  test('may be empty', async () => {
    const ftp = await startFtp();
    const client = await RawFtp.login(ftp.port);
    expect(await client.upload('STOR empty', '')).toMatch(/^226 /);
    expect((await client.download('RETR empty')).length).toBe(0);
  });
});

test('an upload that broke off over an older file is not continued with the beginning of that one', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const old = 'old content';
  const read = () => readFile(join(ftp.root, 'a'), 'utf8');
  const breakOff = async (bytes: string) => {
    await client.command('ALLO 100');
    expect(await client.upload('STOR a', bytes)).toMatch(/^426 /);
  };
  await client.upload('STOR a', old);
  // Clients ask for SIZE, or know how much they have sent, and the older file is that long.
  for (const bytes of ['new', '']) {
    await breakOff(bytes);
    for (const at of [5, old.length]) {
      await client.command(`REST ${at}`);
      expect(await client.upload('STOR a', 'the rest')).toMatch(/^554 /);
    }
    expect(await client.upload('APPE a', 'the rest')).toMatch(/^554 /);
    expect(await read()).toBe(old);
  }
  // What did arrive is continued, and an older file that is the beginning of it.
  await breakOff('old content, and');
  expect(await client.upload('APPE a', ', and more')).toMatch(/^226 /);
  expect(await read()).toBe('old content, and more');
  await breakOff('new');
  await client.command('REST 3');
  expect(await client.upload('STOR a', '!')).toMatch(/^226 /);
  expect(await read()).toBe('new!');
  // Nobody is kept from adding to a file because that broke off once.
  await client.command('ALLO 100');
  expect(await client.upload('APPE a', '?')).toMatch(/^426 /);
  await writeFile(join(ftp.root, 'a'), 'another');
  expect(await client.upload('APPE a', '!')).toMatch(/^226 /);
  expect(await read()).toBe('another!');
  await breakOff('new');
  expect(await client.upload('STOR a', 'as a whole')).toMatch(/^226 /);
  expect(await client.upload('APPE a', '!')).toMatch(/^226 /);
  expect(await read()).toBe('as a whole!');
});

test('the 226 comes after the commit', async () => {
  const order: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ftp = await startFtp({
    instead: (files) => ({
      async beginUpload(path, options) {
        const upload = await files.beginUpload(path, options);
        const commit = upload.commit.bind(upload);
        upload.commit = async (expected) => {
          order.push('commit begun');
          await held;
          const change = await commit(expected);
          order.push('committed');
          return change;
        };
        return upload;
      },
    }),
  });
  const client = await RawFtp.login(ftp.port);
  const answered = client.upload('STOR a', 'x').then((answer) => order.push(answer.slice(0, 3)));
  await expect.poll(() => order).toEqual(['commit begun']);
  // Too late for ABOR, and a stop waits for it.
  client.write('ABOR\r\n');
  const stopped = ftp.stop();
  release();
  await Promise.all([answered, stopped]);
  expect(order).toEqual(['commit begun', 'committed', '226']);
});

test('a stop waits for the commit of a release, too, and its client is answered', async () => {
  const order: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ftp = await startFtp({
    instead: (files) => ({
      beginRelease(name, by) {
        const begun = files.beginRelease(name, by);
        const commit = begun.commit.bind(begun);
        begun.commit = async (options) => {
          order.push('commit begun');
          await held;
          return commit(options);
        };
        return begun;
      },
    }),
  });
  const client = await RawFtp.login(ftp.port);
  await client.command('SITE RELEASE BEGIN spring');
  expect(await client.upload('STOR a', 'x')).toMatch(/^226 /);
  const answered = client.command('SITE RELEASE COMMIT').then((answer) => order.push(answer.slice(0, 3)));
  await expect.poll(() => order).toEqual(['commit begun']);
  const stopped = ftp.stop();
  release();
  await Promise.all([answered, stopped]);
  expect(order).toEqual(['commit begun', '250']);
});

test('a full disk is answered with 552, and the next upload goes on', async () => {
  let full = true;
  const ftp = await startFtp({
    instead: (files) => ({
      async beginUpload(path, options) {
        const upload = await files.beginUpload(path, options);
        const write = upload.write.bind(upload);
        upload.write = (chunk) => (full ? Promise.reject(new AppError('file.disk-full', { path })) : write(chunk));
        return upload;
      },
    }),
  });
  const client = await RawFtp.login(ftp.port);
  // Nothing goes on by itself here.
  expect(await client.upload('STOR a', big)).toMatch(/^552 .* send the command again\.$/);
  full = false;
  expect(await client.upload('STOR a', big)).toMatch(/^226 /);
  expect(ftp.record).toEqual(['broken a disk-full', 'put a']);
});

test('of an upload that was too large nothing is kept in memory as long as its session stays', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const ftp = await startFtp({ config: { limits: { uploadBytes: 1_000_000 } } });
  const clients = await Promise.all(Array.from({ length: 8 }, () => RawFtp.login(ftp.port)));
  const before = held();
  for (const client of clients) {
    const data = await client.data();
    data.on('error', () => undefined);
    expect(await client.command('STOR a')).toMatch(/^150 /);
    data.write(Buffer.alloc(8_000_000));
    expect(await client.reply()).toMatch(/^552 /);
    data.destroy();
  }
  await expect.poll(() => held() - before).toBeLessThan(8_000_000);
  expect(await clients[0]?.command('NOOP')).toMatch(/^200 /);
});

test('an upload beyond the limit is refused, by ALLO and by its bytes', async () => {
  const ftp = await startFtp({ config: { limits: { uploadBytes: 1000 } } });
  const client = await RawFtp.login(ftp.port);
  expect(await client.command('ALLO 1001')).toMatch(/^552 /);
  expect(await client.upload('STOR a', Buffer.alloc(1001))).toMatch(/^552 /);
  expect(await client.upload('STOR a', Buffer.alloc(1000))).toMatch(/^226 /);
  expect(ftp.record).toEqual(['broken a too-large', 'put a']);
});

test('a slow disk is no stall, and holds the client back', async () => {
  const ftp = await startFtp({
    config: { limits: { stallSeconds: 1 } },
    instead: (files) => ({
      async beginUpload(path, options) {
        const upload = await files.beginUpload(path, options);
        const write = upload.write.bind(upload);
        let first = true;
        upload.write = async (chunk) => {
          if (first) await new Promise((resolve) => setTimeout(resolve, 2500));
          first = false;
          return write(chunk);
        };
        return upload;
      },
    }),
  });
  const client = await RawFtp.login(ftp.port);
  const content = Buffer.alloc(50_000_001, 'y');
  const data = await client.data();
  await client.command('STOR a');
  let taken = false;
  data.end(content, () => {
    taken = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(taken).toBe(false);
  expect(await client.reply()).toMatch(/^226 /);
  expect((await readFile(join(ftp.root, 'a'))).equals(content)).toBe(true);
});

test('NOOP and STAT are answered during a transfer, other commands after it', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  const data = await client.data();
  await client.command('STOR a');
  expect(await client.command('NOOP')).toMatch(/^200 The transfer goes on/);
  expect(await client.command('STAT')).toMatch(/^213 The upload goes on: 0 bytes/);
  client.write('PWD\r\nNOOP\r\nQUIT\r\n');
  data.end('content');
  const answers = [await client.reply(), await client.reply(), await client.reply(), await client.reply()];
  expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['226', '257', '200', '221']);
  await client.closed();
});

test('ABOR as telnet sends it, with urgent bytes, ends a download', async () => {
  const ftp = await startFtp();
  await writeFile(join(ftp.root, 'huge'), '');
  await truncate(join(ftp.root, 'huge'), 2 ** 30);
  const client = await RawFtp.login(ftp.port);
  await client.data();
  await client.command('RETR huge');
  client.write(Buffer.concat([Buffer.from([0xff, 0xf4, 0xff, 0xf2]), Buffer.from('ABOR\r\n')]));
  expect([await client.reply(), await client.reply()].map((answer) => answer.slice(0, 3))).toEqual(['426', '226']);
  expect(await client.command('NOOP')).toMatch(/^200/);
});

test.each(['ABOR', 'a stall', 'a stop', 'the loss of the control connection'])(
  'a download that the client does not read is ended by %s',
  async (how) => {
    const ftp = await startFtp({ config: { limits: { stallSeconds: how === 'a stall' ? 1 : 60 } } });
    await writeFile(join(ftp.root, 'huge'), '');
    await truncate(join(ftp.root, 'huge'), 2 ** 30);
    const client = await RawFtp.login(ftp.port);
    await client.data();
    await client.command('RETR huge');
    if (how === 'ABOR') client.write('ABOR\r\n');
    if (how === 'a stop') await ftp.stop();
    else if (how.startsWith('the loss')) client.socket.destroy();
    else expect(await client.reply()).toMatch(/^426 /);
    await expect.poll(() => ftp.events.find((event) => event.type === 'transferEnded')).toBeDefined();
  },
);

test('a file that becomes shorter while it is sent does not end as if it were whole', async () => {
  const ftp = await startFtp();
  await writeFile(join(ftp.root, 'huge'), '');
  await truncate(join(ftp.root, 'huge'), 2 ** 30);
  const client = await RawFtp.login(ftp.port);
  const data = await client.data();
  await client.command('RETR huge');
  await truncate(join(ftp.root, 'huge'), 0);
  data.resume();
  expect(await client.reply()).toMatch(/^450 /);
});

test.each([
  ['APPE', 'beside an APPE', async (other: RawFtp) => other.upload('APPE a', ' second')],
  ['REST', 'beside a STOR', async (other: RawFtp) => other.upload('STOR a', 'something else')],
  ['APPE new', 'beside an APPE that makes the file', async (other: RawFtp) => other.upload('APPE new', 'second')],
  ['APPE part', 'where it goes on from a part', async (other: RawFtp) => other.upload('STOR part', 'second')],
] as const)('an upload that goes on from what is there is refused %s: %s', async (how, _, meanwhile) => {
  const ftp = await startFtp();
  const [client, other] = [await RawFtp.login(ftp.port), await RawFtp.login(ftp.port)];
  const name = { APPE: 'a', REST: 'a', 'APPE new': 'new', 'APPE part': 'part' }[how];
  if (name === 'a') await client.upload('STOR a', 'first');
  if (how === 'APPE part') {
    await client.command('ALLO 100');
    expect(await client.upload('APPE part', 'first')).toMatch(/^4/);
    expect(await client.command('SITE PART part')).toBe('213 5');
  }
  const data = await client.data();
  if (how === 'REST') await client.command('REST 5');
  expect(await client.command(how === 'REST' ? 'STOR a' : `APPE ${name}`)).toMatch(/^150 /);
  data.write(' third');
  await expect.poll(() => client.command('STAT')).toMatch(/ 6 bytes so far/);
  expect(await meanwhile(other)).toMatch(/^226 /);
  data.end();
  expect(await client.reply()).toMatch(/^550 .*someone else/);
  const published = { APPE: 'first second', REST: 'something else', 'APPE new': 'second', 'APPE part': 'second' }[how];
  expect(await readFile(join(ftp.root, name), 'utf8')).toBe(published);
  expect(await client.command(`SITE PART ${name}`)).toBe('213 0');
  expect(await client.upload(`APPE ${name}`, '!')).toMatch(/^226 /);
  expect(await readFile(join(ftp.root, name), 'utf8')).toBe(`${published}!`);
});

test('in a release too', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  await client.command('SITE RELEASE BEGIN x');
  await client.upload('STOR a', 'first');
  expect(await client.upload('APPE a', ' second')).toMatch(/^226 /);
  await client.command('SITE RELEASE COMMIT');
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('first second');
});

test.each(['STOR ..', 'STOR x/../../y', 'APPE /', 'STOU a/b'])(
  'what was said of an upload does not outlive it where it is refused: %s',
  async (refused) => {
    const ftp = await startFtp();
    const client = await RawFtp.login(ftp.port);
    await client.command('ALLO 100');
    await client.command(`SITE EXPECT 100 ${'0'.repeat(64)}`);
    await client.command('REST 50');
    expect(await client.command(refused)).toMatch(/^5/);
    expect(await client.upload('STOR a', 'short')).toMatch(/^226 /);
  },
);
