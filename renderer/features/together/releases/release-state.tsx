import type { ReactElement } from 'react';
import type { Release } from '../../../../shared/contract/releases.ts';
import { useText } from '../../../i18n/use-text.ts';
import { StateMark } from '../../../ui/state-mark.tsx';
import type { State } from '../../../stores/peer-state.ts';
import { convergence, type Convergence } from './convergence.ts';

/** "all 4 mirrors · 1.2 s", or how many of them, and what it waits for. */
export function ReleaseState({ release }: { release: Release }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  const { state, shown, ready, of } = convergence(release);
  const { convergedMillis, skewMillis } = release;
  const text = {
    nobody: words.nobody,
    everywhere: words.everywhere(of),
    'on its way': words.somewhere(shown, of),
    'waits for the word': words.waitsForWord(ready, of),
  }[state];
  return (
    <span className="release-state">
      <StateMark state={marks[state]} />
      <span>
        {text}
        {convergedMillis !== undefined && of > 0 && (
          <span className="dim"> {words.after(format.duration(convergedMillis))}</span>
        )}
        {skewMillis !== undefined && (
          <span className="dim" title={words.skewTitle}>
            {' · '}
            {words.skew(format.duration(skewMillis))}
          </span>
        )}
      </span>
    </span>
  );
}

const marks: Readonly<Record<Convergence['state'], State>> = {
  nobody: 'unknown',
  everywhere: 'in-step',
  'on its way': 'working',
  'waits for the word': 'waiting',
};
