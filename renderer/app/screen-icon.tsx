import type { ReactElement } from 'react';
import type { Screen } from './screens.ts';

/** Drawn in a square of 16; dots are lines without length. */
const shapes: Readonly<Record<Screen['id'], { readonly lines: string; readonly dots?: string }>> = {
  // Lanes of the score.
  overview: { lines: 'M2 4h12M2 8h12M2 12h12', dots: 'M5 4h.01M6 8h.01M7 12h.01M11 4h.01M11 8h.01M11 12h.01' },
  publish: { lines: 'M8 10.5v-8M4.8 5.5 8 2.3l3.2 3.2M2.5 10.5v3h11v-3' },
  site: { lines: 'M2 13V3.5h4l1.6 2H14V13z' },
  mirrors: { lines: 'M3 8c4 0 4-4 9.5-4M3 8c4 0 4 4 9.5 4', dots: 'M3 8h.01M12.5 4h.01M12.5 12h.01' },
  // The brackets of a release.
  together: { lines: 'M5 2.5H2.8v11H5M11 2.5h2.2v11H11', dots: 'M6.3 6h.01M9.7 6h.01M6.3 10h.01M9.7 10h.01' },
  history: { lines: 'M8 4.6V8l2.4 1.6M8 2.2a5.8 5.8 0 1 0 .01 0z' },
  log: { lines: 'M2.5 4h11M2.5 8h7.5M2.5 12h9.5' },
  settings: { lines: 'M2 5h6.2M11.8 5H14M2 11h2.2M7.8 11H14M10 3.2a1.8 1.8 0 1 0 .01 0zM6 9.2a1.8 1.8 0 1 0 .01 0z' },
};

export function ScreenIcon({ screen }: { screen: Screen['id'] }): ReactElement {
  const { lines, dots } = shapes[screen];
  return (
    <svg className="nav-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={lines} />
      {dots !== undefined && <path className="nav-dots" d={dots} />}
    </svg>
  );
}
