import type { ReactElement } from 'react';
import type { State } from '../stores/peer-state.ts';

/** The shape of a state; its colour comes from the class. It says nothing by itself to a screen reader: the word does. */
export function StateMark({ state, size = 12 }: { state: State; size?: number }): ReactElement {
  return (
    <svg className={`mark state-${state}`} width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      {shapes[state]}
    </svg>
  );
}

const ring = { cx: 6, cy: 6, r: 4.25, fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 };

const shapes: Readonly<Record<State, ReactElement>> = {
  'in-step': <circle cx="6" cy="6" r="5" fill="currentColor" />,
  working: (
    <>
      <circle {...ring} />
      <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor" />
    </>
  ),
  waiting: <circle {...ring} strokeDasharray="2 1.82" />,
  held: <circle {...ring} strokeDasharray="2 1.82" />,
  failing: <path d="M6 1.2 11.2 10.6H.8z" fill="currentColor" />,
  away: <circle {...ring} />,
  paused: <path d="M2.5 1.5h2.4v9H2.5zM7.1 1.5h2.4v9H7.1z" fill="currentColor" />,
  'given-up': (
    <>
      <circle {...ring} />
      <path d="M3.2 8.8 8.8 3.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  unknown: <circle {...ring} />,
};
