import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { EngineEvent } from '../../shared/contract/bridge.ts';
import type { LiveBatch } from '../../shared/contract/live.ts';
import type { CallName, CallResult } from '../../shared/contract/calls.ts';
import type { PublishJob } from '../../shared/contract/publishing.ts';
import { config } from '../../shared/contract/config.ts';
import type { HistoryRow, Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { createConsole } from '../../electron/engine/console/console.ts';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { SentFiles } from '../../electron/engine/publishing/sent-files.ts';
import { makeCertificate } from './certificate.ts';

const READ_ONLY = /\.(addresses|drift|preview|list|show|page|test|status|browse|find|file|get)$/;

/** The real console in front of an engine that says what a test wants to see. */
export interface ScriptedEngine {
  /** With the token. */
  readonly url: string;
  /** Names and parameters of the calls so far, but for those that only read. */
  readonly calls: readonly { name: string; params: unknown }[];
  show(status: Status, history?: readonly HistoryRow[]): void;
  /** Tells a batch of what happens; its revision follows on. */
  tell(sites: LiveBatch['sites']): void;
  /** Says how things stand by now, without anything having happened. */
  tick(status: Status): void;
  /** How often a page has asked for a snapshot. */
  readonly snapshots: number;
  /** Drops, as they are from now on. */
  drops(jobs: readonly PublishJob[]): void;
  stop(): Promise<void>;
}

/** What a test answers itself, by the name of the call. */
export type Answers = { readonly [N in CallName]?: (params: never) => unknown };

export async function startScriptedEngine(
  first: Status,
  rows: readonly HistoryRow[] = [],
  answers: Answers = {},
): Promise<ScriptedEngine> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lockstep-scripted-'));
  const listeners = new Set<(event: EngineEvent) => void>();
  const calls: { name: string; params: unknown }[] = [];
  let status = first;
  let jobs: readonly PublishJob[] = [];
  let history = rows;
  let revision = 0;
  let snapshots = 0;
  const emit = (event: EngineEvent): void => listeners.forEach((listener) => listener(event));
  // As the engine does: a sign of life.
  const ticks = setInterval(() => emit({ type: 'status', status, quiet: true }), 5000);

  const answer = (name: CallName, params: unknown): unknown => {
    if (name === 'node.status') return status;
    if (name === 'history.list') return history;
    if (name === 'live.snapshot') {
      snapshots += 1;
      return { revision, at: Date.now(), rows: history };
    }
    if (name === 'live.past') return { lanes: [] };
    if (name === 'publish.list') return jobs;
    if (name === 'target.list' && !answers[name]) return [];
    if (name === 'account.list' && !answers[name])
      return [{ user: 'editor', site: 'www', folder: '', kind: 'publisher', releasesOnly: false }];
    if (name === 'config.get' && !answers[name]) return configView(status);
    if (name === 'node.certificates' && !answers[name]) return { own: certificate('f') };
    const own = answers[name] as ((params: unknown) => unknown) | undefined;
    if (!READ_ONLY.test(name)) calls.push({ name, params });
    if (own) return own(params);
    if (name === 'history.page')
      return {
        rows: history.map((row, index) => ({ ...row, id: `${row.at}.0.${history.length - index}` })),
        about: history.length,
      };
    if (name === 'pairing.invite') {
      const addresses = ['origin.example.net:2122'];
      return { code: 'LOCKSTEP-ABCD-EFGH', site: 'www', expiresAt: Date.now() + 600_000, addresses };
    }
    if (name === 'waiting.resolve') return params;
    if (name === 'pairing.addresses') return { addresses: ['192.0.2.7:2122'] };
    throw new AppError('call.unknown', { call: name });
  };
  const server = createConsole({
    config: { host: '127.0.0.1', port: 0 },
    identity: await makeCertificate(),
    call: <N extends CallName>(name: N, params: unknown) =>
      new Promise<CallResult<N>>((resolve) => resolve(answer(name, params) as CallResult<N>)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: () => Promise.resolve(status),
    sent: new SentFiles(dataDir, () => []),
    dataDir,
    staticDir: join(import.meta.dirname, '..', '..', 'out', 'renderer'),
    logger: pino({ level: 'silent' }),
  });
  await server.listen();
  const { token } = (await readRunFile(dataDir)) ?? {};
  return {
    url: `${server.url ?? ''}#token=${token ?? ''}`,
    calls,
    show(next, rowsNow = history) {
      status = next;
      history = rowsNow;
      // A page sees a gap, and asks for what is known now.
      revision += 2;
      emit({ type: 'live', revision, at: Date.now(), sites: [] });
      emit({ type: 'status', status });
    },
    tell(sites) {
      revision += 1;
      emit({ type: 'live', revision, at: Date.now(), sites });
    },
    tick(next) {
      status = next;
      emit({ type: 'status', status, quiet: true });
    },
    get snapshots() {
      return snapshots;
    },
    drops(next) {
      jobs = next;
      for (const listener of listeners) listener({ type: 'publishing', jobs: [...jobs] });
    },
    async stop() {
      clearInterval(ticks);
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** One of fifty years, as an install makes it. */
export function certificate(digit: string) {
  const from = Date.UTC(2026, 10, 1);
  return { fingerprint: digit.repeat(64), from, until: from + 50 * 365 * 86_400_000 };
}

/** As an install of this status would be set. */
function configView({ node: { name, role }, sites }: Status): CallResult<'config.get'> {
  const listen = { host: '0.0.0.0', port: 2122 };
  const master = {
    ftp: { host: '0.0.0.0', port: 2121, tls: 'required' },
    link: listen,
    sites: sites.map((site) => ({ name: site.name, root: site.root })),
  };
  const follows = sites.map((site) => ({ site: site.name, master: 'f'.repeat(64), root: site.root }));
  return {
    config: config.parse({ version: 1, node: { name, role }, ...(role === 'master' ? master : { follows }) }),
    revision: 'a'.repeat(64),
    dataDir: '/var/lib/lockstep',
    file: '/var/lib/lockstep/config.json',
    databaseBytes: 1_234_567,
  };
}
