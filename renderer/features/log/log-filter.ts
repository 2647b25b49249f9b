import { type LogLevel, type LogLine, logLevels } from '../../../shared/contract/log.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';

export interface LogQuestion {
  readonly text: string;
  readonly level: LogLevel;
  /** Of the engine, of a site or of a peer; '' is any. */
  readonly part: string;
  readonly about: string;
}

export const noQuestion: LogQuestion = { text: '', level: 'debug', part: '', about: '' };

/** What a person reads of a line, apart from its time. */
export type SayLine = (line: LogLine) => string;

/** With errors in the words of `sentence`. */
export function sayWith(sentence: (error: ErrorJson) => string): SayLine {
  return ({ text, part, site, peer, error, details }) => {
    const more = Object.entries(details).map(([key, value]) => `${key} ${String(value)}`);
    const words = [text, error && `${sentence(error)} (${error.code})`, ...more].filter((each) => each);
    const where = [part, site, peer].filter((each) => each !== undefined).join(' ');
    return `${where === '' ? '' : `[${where}] `}${words.join(' · ')}`;
  };
}

export function fitting(lines: readonly LogLine[], { text, level, part, about }: LogQuestion, say: SayLine): LogLine[] {
  const wanted = text.trim().toLowerCase();
  const rank = logLevels.indexOf(level);
  return lines.filter(
    (line) =>
      logLevels.indexOf(line.level) <= rank &&
      (part === '' || line.part === part) &&
      (about === '' || line.site === about || line.peer === about) &&
      (wanted === '' || say(line).toLowerCase().includes(wanted)),
  );
}

/** One line of text, as it is copied and saved. */
export function plainLine(line: LogLine, say: SayLine): string {
  return `${new Date(line.at).toISOString()} ${line.level} ${say(line)}`;
}

/** Which there are among the lines. */
export function namesIn(lines: readonly LogLine[], of: (line: LogLine) => readonly (string | undefined)[]): string[] {
  return [...new Set(lines.flatMap((line) => of(line).filter((name) => name !== undefined)))].toSorted();
}
