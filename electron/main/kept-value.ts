import type { z } from 'zod';
import { readJsonFile, replaceFile, toJson } from './json-file.ts';

/** A value in a small file. It is written a moment after it was changed, and at the end. */
export interface KeptValue<T> {
  get(): T;
  set(value: T): void;
  /** Resolves when what was set is on the disk, or could not be written. */
  flush(): Promise<void>;
}

interface Options<S extends z.ZodType> {
  readonly file: string;
  readonly schema: S;
  /** Where there is none, or none that can be read. */
  readonly otherwise: z.output<S>;
  readonly report: (message: string) => void;
  /** Milliseconds between a change and the writing of it. */
  readonly pause?: number;
}

const PAUSE_MILLIS = 400;

export async function keepValue<S extends z.ZodType>(options: Options<S>): Promise<KeptValue<z.output<S>>> {
  const { file, schema, otherwise, report, pause = PAUSE_MILLIS } = options;
  let value = (await readJsonFile(file, schema, report)) ?? otherwise;
  let written = toJson(value);
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const write = async (): Promise<void> => {
    const text = toJson(value);
    if (text === written) return;
    try {
      await replaceFile(file, text);
      written = text;
    } catch (error) {
      report(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    // One after the other: the last value is the one that stays.
    writing = writing.then(write);
    return writing;
  };
  return {
    get: () => value,
    set(next) {
      value = next;
      timer ??= setTimeout(() => void flush(), pause);
    },
    flush,
  };
}
