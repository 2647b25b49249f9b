import type { ReactElement } from 'react';
import { Guide } from './guide.tsx';

/** The whole window, before this install is anything. */
export function FirstStart({ suggestedName }: { suggestedName: string }): ReactElement {
  return (
    <main className="stage first-start">
      <Guide suggestedName={suggestedName} />
    </main>
  );
}
