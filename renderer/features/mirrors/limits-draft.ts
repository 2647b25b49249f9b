import { type Limits, type LimitsChange, RATE_MIN } from '../../../shared/contract/conditions.ts';

export const rateUnits = ['kB', 'MB'] as const;
export type RateUnit = (typeof rateUnits)[number];
const bytesOf: Readonly<Record<RateUnit, number>> = { kB: 1000, MB: 1_000_000 };

/** Limits as they stand in a form: numbers are texts while they are typed. */
export interface LimitsDraft {
  /** Empty: no limit. */
  readonly rate: string;
  readonly unit: RateUnit;
  readonly isAlways: boolean;
  readonly from: number;
  readonly to: number;
}

/** The hours that are offered first: at night. */
const NIGHT = { from: 22, to: 6 };

export function draftOf({ bytesPerSecond, hours }: Limits): LimitsDraft {
  const unit: RateUnit = bytesPerSecond === undefined || bytesPerSecond >= bytesOf.MB ? 'MB' : 'kB';
  const rate = bytesPerSecond === undefined ? '' : String(bytesPerSecond / bytesOf[unit]);
  return { rate, unit, isAlways: hours === undefined, ...(hours ?? NIGHT) };
}

export function limitsOf({ rate, unit, isAlways, from, to }: LimitsDraft): Required<LimitsChange> {
  return {
    bytesPerSecond: rate.trim() === '' ? null : Math.round(Number(rate) * bytesOf[unit]),
    hours: isAlways ? null : { from, to },
  };
}

/** The least that the field takes. */
export function leastRate(unit: RateUnit): number {
  return RATE_MIN / bytesOf[unit];
}

/** `22:00` */
export function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
