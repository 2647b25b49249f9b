import { join } from 'node:path';
import type { ConfigView } from '../../../../shared/contract/config-changes.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { CONFIG_FILE } from '../../../engine/config/config-file.ts';
import { answer, command, jsonOption } from '../command.ts';
import { ask, withEngine } from '../reach.ts';
import { plain, table } from '../text.ts';
import { dataFolder, sameInstall } from '../values.ts';
import { wrong } from '../parse.ts';

export const configGet = command({
  words: 'config get',
  summary: 'the settings of this install, except those of its sites',
  options: jsonOption,
  async run({ values }, io) {
    const view = await ask(io, values, 'config.get', {});
    return answer(io, values, view, () => lines(view));
  },
});

export const configSet = command({
  words: 'config set',
  summary: 'change one setting of this install, with immediate effect',
  positionals: ['KEY', 'VALUE'],
  options: jsonOption,
  notes: [
    'KEY is any that config get shows: node.name, ftp.host, ftp.port, ftp.tls, ftp.passive.min, ftp.active, ftp.closeNotify,',
    'ftp.resumeTls, ftp.limits.sessions, link, console, historyDays … ftp, link and console take HOST:PORT, or just a port, which',
    'keeps the host. link also takes none.',
  ],
  async run({ values, positionals: [key = '', value = ''] }, io) {
    const dataDir = dataFolder(values.data, io);
    refuseOthers(key, join(dataDir, CONFIG_FILE));
    const changes = changeOf(key, value, sameInstall(values.data));
    const view = await withEngine(dataDir, async (engine) => {
      const { config } = await engine.call('config.get', {});
      // The engine knows which keys there are, and says which one was probably meant.
      return engine.call('config.set', { changes: wholeAddress(changes, config, key) });
    }).catch((error: unknown) => {
      throw asTyped(error);
    });
    return answer(io, values, view, () => `${key} is now ${value}.`);
  },
});

/** Settings that are none of this command's, and who sets them; undefined: a person, in the file. */
const OTHERS: ReadonlyMap<string, string | undefined> = new Map([
  ['ftp.certificate', undefined],
  ['hooks', undefined],
  ['node.role', 'It does not change: make another install with lockstep init'],
  ['sites', 'See lockstep site set, route, group and link'],
  ['follows', 'See lockstep follow set'],
]);

function refuseOthers(key: string, file: string): void {
  for (const [other, mend] of OTHERS)
    if (key === other || key.startsWith(`${other}.`))
      throw wrong(
        `${other} is not set by this command`,
        mend ?? `Write it into ${plain(file)}: it is in force at once`,
      );
}

/** The key as it was typed, not as the call names it. */
function asTyped(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'call.invalid') return error;
  const { key, ...params } = error.params;
  return typeof key === 'string'
    ? new AppError(error.code, { ...params, key: key.replace(/^changes\./, '') }, error)
    : error;
}

/** The settings that `config set` takes, one a line. */
function lines({ config: { node, ftp, link, console, historyDays }, file, dataDir }: ConfigView): string[] {
  const flat = flatten({ node: { name: node.name }, ...(ftp && { ftp }) });
  const address = (at: { host: string; port: number } | undefined): string =>
    at === undefined ? 'none' : `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`;
  const rows = [
    ...flat,
    ['link', address(link)],
    ['console', address(console)],
    ['historyDays', String(historyDays)],
  ] as const;
  return [
    ...table(rows.map(([key, value]) => [key, plain(value)])),
    '',
    `Data folder: ${plain(dataDir)}`,
    `File: ${plain(file)}`,
  ];
}

function flatten(value: object, prefix = ''): (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
    typeof each === 'object' && each !== null
      ? flatten(each, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(each)] as const],
  );
}

function changeOf(key: string, text: string, same: string): object {
  const keys = key.split('.');
  if (keys.some((each) => each === '')) throw wrong(`“${key}” is not a setting`, `See lockstep config get${same}`);
  const whole = ADDRESSES.has(key) && !(key === 'link' && text === 'none') ? addressOf(text) : valueOf(text);
  return { [keys[0] ?? '']: keys.slice(1).reduceRight<unknown>((inner, each) => ({ [each]: inner }), whole) };
}

const ADDRESSES: ReadonlySet<string> = new Set(['ftp', 'link', 'console']);

/** An address is set as a whole: of one part of it the other stays what it is. A link that is new is reached from everywhere. */
function wholeAddress(changes: object, { link, console }: ConfigView['config'], typed: string): object {
  const before = { link: link ?? (typed === 'link' ? { host: '0.0.0.0' } : undefined), console };
  const entries = Object.entries(changes).map(([key, value]: [string, unknown]) => {
    const old = key === 'link' || key === 'console' ? before[key] : undefined;
    return [key, old !== undefined && typeof value === 'object' && value !== null ? { ...old, ...value } : value];
  });
  return Object.fromEntries(entries) as object;
}

/** Without a host where none was typed. */
function addressOf(text: string): { host?: string; port: number } {
  const [, host, port] = /^(?:\[?([^\]]*?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined) throw wrong(`${text} is not an address`, 'Write HOST:PORT');
  return { ...(host !== undefined && host !== '' && { host }), port: Number(port) };
}

/** Numbers and yes or no as what they are; `none` takes a value away. */
function valueOf(text: string): string | number | boolean | null {
  if (text === 'none') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,16}$/.test(text) ? Number(text) : text;
}
