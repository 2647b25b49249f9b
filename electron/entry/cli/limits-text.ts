import { type Hours, type Limits, RATE_MAX, RATE_MIN } from '../../../shared/contract/conditions.ts';
import { wrong } from './parse.ts';
import { bytes, hoursText } from './text.ts';

/** `2MB/s`, `500k`, `1Mi`, `none`: bytes a second; null: no limit. */
export function parseRate(flag: string, text: string): number | null {
  if (text === 'none') return null;
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]i?)?b?(?:\/s)?$/i.exec(text);
  const unit = units[(match?.[2] ?? '').toLowerCase()];
  if (!match || unit === undefined)
    throw wrong(`${flag} ${text} is not a rate`, `Write it like ${flag} 2MB/s or ${flag} 500k, or ${flag} none`);
  const rate = Math.round(Number(match[1]) * unit);
  if (rate < RATE_MIN)
    throw wrong(`${flag} ${text} is too slow`, `Write ${flag} ${RATE_MIN} or more, in bytes a second`);
  if (rate > RATE_MAX) throw wrong(`${flag} ${text} is too fast to be a limit`, `Write ${flag} none`);
  return rate;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
};

/** `22-6`: whole hours, the second not included; `always`: null. */
export function parseHours(flag: string, text: string): Hours | null {
  if (text === 'always') return null;
  const match = /^(\d{1,2})(?::00)?-(\d{1,2})(?::00)?$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || from > 23 || to > 24)
    throw wrong(`${flag} ${text} is not a range of hours`, `Write them like ${flag} 22-6, or ${flag} always`);
  return { from, to };
}

/** `2 MB/s`, `12.5 kB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** `at most 2 MB/s, from 22 to 6`; without limits: `no limits`. */
export function limitsText({ bytesPerSecond, hours }: Limits): string {
  const parts = [
    ...(bytesPerSecond === undefined ? [] : [`at most ${rateText(bytesPerSecond)}`]),
    ...(hours ? [`${hoursText(hours)} only`] : []),
  ];
  return parts.length === 0 ? 'no limits' : parts.join(', ');
}

export const limitOptions = {
  rate: { type: 'string', value: 'RATE|none', help: 'the highest rate: 2MB/s, 500k (bytes a second)' },
  hours: {
    type: 'string',
    value: 'FROM-TO|always',
    help: "the hours, by the mirror's own clock: 22-6 is at night",
  },
} as const;

/** Of the options above; what was not given is left out. */
export function limitsOf({ rate, hours }: { readonly rate: string | undefined; readonly hours: string | undefined }): {
  bytesPerSecond?: number | null;
  hours?: Hours | null;
} {
  return {
    ...(rate !== undefined && { bytesPerSecond: parseRate('--rate', rate) }),
    ...(hours !== undefined && { hours: parseHours('--hours', hours) }),
  };
}
