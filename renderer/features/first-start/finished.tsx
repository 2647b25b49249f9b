import { type ReactElement, useEffect, useRef } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { FinishedMaster } from './finished-master.tsx';
import { FinishedMirror } from './finished-mirror.tsx';
import { type SetUp, useGuide } from './guide-store.ts';
import './first-start.css';

/** What was just set up works; what comes next, until the person goes on. */
export function Finished({ setUp, status }: { setUp: SetUp; status: Status }): ReactElement {
  const { t } = useText();
  const goOn = useGuide((guide) => guide.goOn);
  const page = useRef<HTMLElement>(null);
  useEffect(() => page.current?.focus(), []);
  const site = status.sites.find(({ name }) => name === setUp.site) ?? status.sites[0];
  return (
    <main className="stage first-start" ref={page} tabIndex={-1}>
      <div className="step finished">
        {setUp.role === 'master' ? (
          <FinishedMaster setUp={setUp} site={site} status={status} />
        ) : (
          <FinishedMirror site={site} status={status} />
        )}
        <div className="step-actions">
          <button type="button" className="button primary large" onClick={goOn}>
            {t.firstStart.toOverview}
          </button>
        </div>
      </div>
    </main>
  );
}
