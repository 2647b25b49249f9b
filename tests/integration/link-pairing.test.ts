import { request } from 'node:https';
import { expect, test } from 'vitest';
import type { Identity } from '../../electron/engine/link/identity.ts';
import type { LinkHubOptions } from '../../electron/engine/link/link-hub.ts';
import { PAIR_BODY_BYTES_MAX } from '../../electron/engine/link/link-server.ts';
import { joinMaster } from '../../electron/engine/link/pairing.ts';
import type { PairingCode } from '../../electron/engine/link/pairing-code.ts';
import { LINK_PROTOCOL, type PairReply, pairReply, type PairRequest } from '../../shared/contract/link.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { endpoint, type LinkInstall, makeIdentity, makeInstall } from '../support/link-install.ts';

const secret = 'Zm9vYmFyYmF6cXV4MTIzNA';
const node = { name: 'tokyo', role: 'mirror', version: '0.1.0' } as const;
const body: PairRequest = { protocol: LINK_PROTOCOL, secret, node };

/** A master with one invitation, as the engine's `pair` behaves. */
async function invitingMaster(options: Partial<LinkHubOptions> = {}): Promise<{
  master: LinkInstall;
  asked: Array<{ request: PairRequest; id: string; remoteAddress: string }>;
  code: PairingCode;
}> {
  const asked: Array<{ request: PairRequest; id: string; remoteAddress: string }> = [];
  let used = false;
  const identity = await makeIdentity();
  const pair = (asking: PairRequest, caller: { id: string; remoteAddress: string }): Promise<PairReply> => {
    asked.push({ request: asking, id: caller.id, remoteAddress: caller.remoteAddress });
    if (asking.secret !== secret) return Promise.reject(new AppError('pair.refused'));
    if (used) return Promise.reject(new AppError('pair.used'));
    used = true;
    return Promise.resolve(reply(identity));
  };
  const master = await makeInstall('origin', { identity, pair, ...options });
  await master.hub.start();
  const code = { addresses: [endpoint(master)], fingerprint: identity.id, secret, expiresAt: 0, site: 'www' };
  return { master, asked, code };
}

const reply = (identity: Identity): PairReply & { ok: true } => ({
  ok: true,
  node: { id: identity.id, name: 'origin' },
  site: { name: 'www', journal: '0'.repeat(32) },
  ftp: { port: 2121, tls: 'required', user: 'mirror-tokyo', password: 'p'.repeat(43) },
  dial: 'mirror',
});

async function refusal(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (error: AppError) => error.code,
  );
}

test('a mirror joins with a code, and the master sees whose certificate asks', async () => {
  const { master, asked, code } = await invitingMaster();
  const identity = await makeIdentity();
  const link = { port: 2122 };
  expect(await joinMaster({ code, identity, node, link })).toEqual({
    reply: reply(master.identity),
    masterCertificate: master.identity.cert.trimEnd().concat('\n'),
    address: endpoint(master),
  });
  expect(asked).toEqual([{ request: { ...body, link }, id: identity.id, remoteAddress: '127.0.0.1' }]);
});

test('a code is good once, and a wrong secret is told from a used one', async () => {
  const { code } = await invitingMaster();
  const identity = await makeIdentity();
  expect(await refusal(joinMaster({ code: { ...code, secret: 'A'.repeat(22) }, identity, node }))).toBe('pair.refused');
  expect(await refusal(joinMaster({ code, identity, node }))).toBe(undefined);
  expect(await refusal(joinMaster({ code, identity, node }))).toBe('pair.used');
});

test('the addresses of a code are tried until one shows the right certificate', async () => {
  const { code, asked } = await invitingMaster();
  const other = await makeInstall('osaka');
  await other.hub.start();
  const addresses = ['127.0.0.1:1', endpoint(other), ...code.addresses];
  const joined = await joinMaster({ code: { ...code, addresses }, identity: await makeIdentity(), node });
  expect([joined.address, asked.length]).toEqual([code.addresses[0], 1]);
});

test('a master with another certificate is told nothing', async () => {
  const { code, asked } = await invitingMaster();
  const pinned = { ...code, fingerprint: '0'.repeat(64) };
  expect(await refusal(joinMaster({ code: pinned, identity: await makeIdentity(), node }))).toBe('link.certificate');
  expect(asked).toEqual([]);
});

test('an install that invites nobody, none at all, and one that goes away, each say so', async () => {
  const identity = await makeIdentity();
  const mirror = await makeInstall('osaka');
  await mirror.hub.start();
  const code: PairingCode = {
    addresses: [endpoint(mirror)],
    fingerprint: mirror.identity.id,
    secret,
    expiresAt: 0,
    site: 'www',
  };
  expect(await refusal(joinMaster({ code, identity, node }))).toBe('pair.refused');
  expect(await refusal(joinMaster({ code: { ...code, addresses: ['127.0.0.1:1'] }, identity, node }))).toBe(
    'link.unreachable',
  );
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: 1 } });
  const dying = await makeInstall('nara', {
    pair: () => {
      proxy.cut();
      return new Promise(() => undefined);
    },
  });
  await dying.hub.start();
  proxy.retarget({ host: '127.0.0.1', port: dying.hub.address?.port ?? 0 });
  const dyingCode = { ...code, addresses: [proxy.endpoint], fingerprint: dying.identity.id };
  expect(await refusal(joinMaster({ code: dyingCode, identity, node }))).toBe('link.lost');
  await proxy.stop();
});

test('a fault of the master is not shown to strangers', async () => {
  const { code } = await invitingMaster({ pair: () => Promise.reject(new TypeError('/home/alice/secret')) });
  const error = await joinMaster({ code, identity: await makeIdentity(), node }).catch((reason: AppError) => reason);
  expect(error).toMatchObject({ code: 'internal', params: {} });
});

test('what is no request to pair is refused before anybody looks at it', async () => {
  const { master, asked } = await invitingMaster({
    serverLimits: {
      lobby: { connections: 100, connectionsPerAddress: 100, stayMillis: 20_000 },
      pairing: { burst: 100, perSecond: 0 },
    },
  });
  const identity = await makeIdentity();
  const known = JSON.stringify(body);
  expect({
    notJson: await post(master, identity, 'hello'),
    incomplete: await post(master, identity, '{}'),
    tooLong: await post(master, identity, `${known}${' '.repeat(PAIR_BODY_BYTES_MAX)}`),
    withoutCertificate: await post(master, undefined, known),
    get: await post(master, identity, known, { method: 'GET' }),
    elsewhere: await post(master, identity, known, { path: '/' }),
  }).toEqual({
    notJson: 'link.malformed',
    incomplete: 'link.malformed',
    tooLong: 'link.malformed',
    withoutCertificate: 'link.certificate',
    get: 404,
    elsewhere: 404,
  });
  expect(asked).toEqual([]);
});

test('mirrors that come with a code are not counted as tries, however many share an address', async () => {
  const identity = await makeIdentity();
  const { master, code } = await invitingMaster({ identity, pair: () => Promise.resolve(reply(identity)) });
  for (let mirror = 0; mirror < 14; mirror += 1)
    expect(await refusal(joinMaster({ code: { ...code, fingerprint: identity.id }, identity, node }))).toBe(undefined);
  await master.hub.stop();
});

test('tries are limited by address', async () => {
  const { master, code, asked } = await invitingMaster();
  const identity = await makeIdentity();
  const wrong = { ...code, secret: 'A'.repeat(22) };
  const refusals: Array<ErrorCode | undefined> = [];
  for (let tries = 0; tries < 12; tries += 1) refusals.push(await refusal(joinMaster({ code: wrong, identity, node })));
  expect(refusals).toEqual([...Array.from({ length: 10 }, () => 'pair.refused'), 'link.limit', 'link.limit']);
  expect(asked.length).toBe(10);
  await master.hub.stop();
});

test('who asks whether a code is good guesses as little: both count together', async () => {
  const refuse = (): never => {
    throw new AppError('pair.refused');
  };
  const { master } = await invitingMaster({ checkInvitation: refuse });
  const ask = (path: string) => post(master, undefined, JSON.stringify({ protocol: LINK_PROTOCOL, secret }), { path });
  for (let tries = 0; tries < 10; tries += 1) expect(await ask('/pair/check')).toBe('pair.refused');
  expect([await ask('/pair/check'), await ask('/pair')]).toEqual(['link.limit', 'link.limit']);
});

/** The error's code, or the status where the answer is not a `pairReply`. */
function post(
  master: LinkInstall,
  identity: Identity | undefined,
  text: string,
  { method = 'POST', path = '/pair' } = {},
): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: master.hub.address?.port,
        method,
        path,
        agent: false,
        rejectUnauthorized: false,
        ...(identity && { key: identity.key, cert: identity.cert }),
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
        response.on('end', () => {
          if (answer === '') return resolve(response.statusCode ?? 0);
          const parsed = pairReply.parse(JSON.parse(answer));
          return resolve(parsed.ok ? 'ok' : parsed.error.code);
        });
      },
    );
    sent.on('error', reject);
    sent.end(method === 'GET' ? undefined : text);
  });
}
