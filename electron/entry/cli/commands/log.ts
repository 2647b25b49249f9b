import { setTimeout as delay } from 'node:timers/promises';
import { type LogLine, logLevels } from '../../../../shared/contract/log.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { sentenceParts } from '../../../../shared/errors/sentences.en.ts';
import { answer, command, EXIT, jsonOption } from '../command.ts';
import { findRunning, reachRunning } from '../reach.ts';
import { json, moment, plain } from '../text.ts';
import { dataFolder, parseChoice, parseWhole } from '../values.ts';

const FOLLOW_MILLIS = 500;

export const log = command({
  words: 'log',
  summary: 'the latest log lines of the running install',
  options: {
    level: { type: 'string', value: logLevels.join('|'), help: 'this level and above (default: all that is recorded)' },
    limit: { type: 'string', value: 'N', help: 'how many of the newest lines (default 200)' },
    follow: { type: 'boolean', help: 'keep printing new lines until Ctrl-C' },
    ...jsonOption,
  },
  notes: ['With --follow --json, each log line is a line of JSON.'],
  async run({ values }, io) {
    const level = values.level === undefined ? {} : { level: parseChoice('--level', values.level, logLevels) };
    const limit = parseWhole('--limit', values.limit ?? '200', 1);
    const running = await findRunning(dataFolder(values.data, io));
    if (!running) throw new AppError('node.not-running');
    const engine = reachRunning(running);
    let { lines, last } = await engine.call('log.page', { limit, ...level });
    if (!values.follow && values.json) io.out(json(lines));
    else for (const line of lines) io.out(values.json ? json(line) : textOf(line));
    while (values.follow) {
      await delay(FOLLOW_MILLIS);
      const page = await engine.call('log.page', { after: last, ...level });
      // A start since then counts from 1 again; what was dropped meanwhile is said to be.
      if (page.last < last) throw new AppError('node.not-running');
      if (page.missed > 0) io.err(`${page.missed} lines were dropped before they could be read.`);
      for (const line of page.lines) io.out(values.json ? json(line) : textOf(line));
      ({ last } = page);
    }
    return EXIT.done;
  },
});

export const logRecord = command({
  words: 'log record',
  summary: 'set how much the running install logs',
  positionals: ['LEVEL'],
  options: jsonOption,
  notes: ['debug adds refused FTP commands and each transfer. It starts with info.'],
  async run({ values, positionals: [text = ''] }, io) {
    const level = parseChoice('log record', text, ['info', 'debug'] as const);
    const running = await findRunning(dataFolder(values.data, io));
    if (!running) throw new AppError('node.not-running');
    const recorded = await reachRunning(running).call('log.record', { level });
    return answer(io, values, recorded, () => `The log records ${level} and above until the next start.`);
  },
});

function textOf({ at, level, text, part, site, peer, error, details }: LogLine): string {
  const where = [part, site, peer].filter((each) => each !== undefined).join(' ');
  const more = Object.entries(details).map(([key, value]) => `${key}=${plain(String(value))}`);
  const why = error === undefined ? [] : [`${sentenceParts(error).what} (${error.code})`];
  return [
    moment(at),
    level.padEnd(5),
    ...(where === '' ? [] : [`[${plain(where)}]`]),
    plain(text),
    ...why,
    ...more,
  ].join(' ');
}
