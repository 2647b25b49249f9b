import type { ReactElement } from 'react';
import type { WaitingItem } from '../../../../shared/contract/status.ts';
import { endedBy } from '../../../../shared/domain/waiting-decisions.ts';
import { useText } from '../../../i18n/use-text.ts';
import { useNow } from '../../../ui/use-now.ts';
import { Moment } from '../../../ui/time.tsx';
import { countdown } from './countdown.ts';

/** Since when, until when with what is left of it, and when it is tried again. */
export function WaitingTimes({ item }: { item: WaitingItem }): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  const { since, until, nextAttemptAt } = item;
  const end = endedBy(item);
  const left = (at: number): string => format.duration(countdown(at, now));
  const words = t.together.waiting;
  return (
    <p className="facts">
      <Moment at={since}>{t.waiting.since(format.clock(since, now))}</Moment>
      {until !== undefined && (
        <span className="until" title={format.exact(until)}>
          <meter className="bar" aria-hidden="true" min={0} max={1} value={share(since, until, now)} />
          {until <= now ? words.dueNow : words.dueIn(left(until))}
        </span>
      )}
      {end !== undefined && <span>{words.endedBy[end]}</span>}
      {nextAttemptAt !== undefined && (
        <span title={format.exact(nextAttemptAt)}>
          {nextAttemptAt <= now ? words.triesNow : words.triesIn(left(nextAttemptAt))}
        </span>
      )}
    </p>
  );
}

/** How much of the time has gone. */
function share(since: number, until: number, now: number): number {
  return until <= since ? 1 : Math.min(1, Math.max(0, (now - since) / (until - since)));
}
