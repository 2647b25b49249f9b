import type { Locale } from '../../shared/domain/appearance.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Numbers, sizes and times as people of a language write them. */
export interface Format {
  number(value: number): string;
  bytes(value: number): string;
  /** Of a share from 0 to 1. */
  percent(share: number): string;
  /** A length of time in milliseconds: `84 ms`, `1.2 s`, `3 min`. */
  duration(millis: number): string;
  /** How long ago, to the second at best. */
  ago(at: number, now: number): string;
  /** Time of day; with the date where it is not today's. */
  clock(at: number, now: number): string;
  /** The same to the minute. */
  minute(at: number, now: number): string;
  exact(at: number): string;
  /** The date alone. */
  day(at: number): string;
  /** Hours and minutes, or with the seconds. */
  timeOfDay(at: number, withSeconds: boolean): string;
}

export function formatFor(locale: Locale): Format {
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent' });
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'narrow', numeric: 'always' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', hourCycle: 'h23' });
  const minutes = new Intl.DateTimeFormat(locale, { timeStyle: 'short', hourCycle: 'h23' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });
  const minute = new Intl.DateTimeFormat(locale, { timeStyle: 'short', hourCycle: 'h23' });
  const dayAndMinute = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', hourCycle: 'h23' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const unit = (name: string, digits: number, unitDisplay: 'narrow' | 'short' = 'narrow'): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay,
      maximumFractionDigits: digits,
    });
  // Japanese has a word for each that is as short as the symbol.
  const symbol = locale === 'ja' ? 'short' : 'narrow';
  const units = {
    byte: unit('byte', 0),
    kilobyte: unit('kilobyte', 1),
    megabyte: unit('megabyte', 1),
    gigabyte: unit('gigabyte', 2),
    millisecond: unit('millisecond', 0),
    second: unit('second', 1, symbol),
    minute: unit('minute', 1, 'short'),
    hour: unit('hour', 1, symbol),
    day: unit('day', 1, symbol),
  };

  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes(value) {
      if (value < 1000) return spaced(units.byte.format(value));
      if (value < 1000 ** 2) return spaced(units.kilobyte.format(value / 1000));
      if (value < 1000 ** 3) return spaced(units.megabyte.format(value / 1000 ** 2));
      return spaced(units.gigabyte.format(value / 1000 ** 3));
    },
    duration(millis) {
      if (millis < SECOND) return spaced(units.millisecond.format(millis));
      if (millis < MINUTE) return spaced(units.second.format(millis / SECOND));
      if (millis < HOUR) return spaced(units.minute.format(millis / MINUTE));
      return spaced(millis < DAY ? units.hour.format(millis / HOUR) : units.day.format(millis / DAY));
    },
    ago(at, now) {
      const millis = Math.max(0, now - at);
      if (millis < MINUTE) return relative.format(-Math.floor(millis / SECOND), 'second');
      if (millis < HOUR) return relative.format(-Math.floor(millis / MINUTE), 'minute');
      if (millis < DAY) return relative.format(-Math.floor(millis / HOUR), 'hour');
      return relative.format(-Math.floor(millis / DAY), 'day');
    },
    clock: (at, now) => (new Date(at).toDateString() === new Date(now).toDateString() ? time : date).format(at),
    minute: (at, now) =>
      (new Date(at).toDateString() === new Date(now).toDateString() ? minute : dayAndMinute).format(at),
    exact: (at) => full.format(at),
    day: (at) => day.format(at),
    timeOfDay: (at, withSeconds) => (withSeconds ? time : minutes).format(at),
  };
}

/** The narrow forms are the symbols (`ms`, `MB`), but English ones stick to the number. */
function spaced(text: string): string {
  return text.replace(/(?<=\d)(?=[A-Za-z])/, '\u00a0');
}
