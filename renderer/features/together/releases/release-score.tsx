import type { ReactElement } from 'react';
import type { Release } from '../../../../shared/contract/releases.ts';
import { useText } from '../../../i18n/use-text.ts';
import { useNow } from '../../../ui/use-now.ts';
import type { StillMark } from '../../score/still-picture.ts';
import { StillScore } from '../../score/still-score.tsx';
import { convergence, planReleaseScore } from './convergence.ts';

/**
 * The score of one release: the commit on the master's lane, and on each mirror's lane the moment at which it had all of it
 * (a ring) and at which it was seen there (a dot). The bracket spans from the first to the last mirror.
 */
export function ReleaseScore({ release, master }: { release: Release; master: string }): ReactElement {
  const { t, format } = useText();
  const done = convergence(release).state === 'everywhere';
  const now = useNow(done ? 60_000 : 500);
  const { span, lanes, go, bracket } = planReleaseScore(release, now);
  const marks = lanes.flatMap(({ ready, shown }, index): StillMark[] => {
    const lane = index + 1;
    const seen: StillMark =
      shown === undefined ? { lane, after: undefined, as: 'working' } : { lane, after: shown * span, as: 'dot' };
    return ready === undefined ? [seen] : [{ lane, after: ready * span, as: 'ready' }, seen];
  });
  return (
    <StillScore
      names={[master, ...lanes.map(({ peer }) => peer)]}
      label={t.together.releases.scoreLabel}
      scene={{
        lanes: lanes.length + 1,
        length: span,
        marks: [{ lane: 0, after: 0, as: 'dot' }, ...marks],
        word: go === undefined ? undefined : go * span,
        bracket: bracket && [bracket[0] * span, bracket[1] * span],
        tickText: (after) => `+${format.duration(after)}`,
      }}
    />
  );
}
