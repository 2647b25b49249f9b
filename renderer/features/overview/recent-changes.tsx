import type { ReactElement } from 'react';
import type { HistoryRow } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { ChangesTable } from '../../ui/changes-table.tsx';

export function RecentChanges({
  history,
  role,
}: {
  history: readonly HistoryRow[];
  role: 'master' | 'mirror';
}): ReactElement {
  const { t } = useText();
  return (
    <section className="panel" aria-labelledby="history-title">
      <div className="panel-head">
        <h2 id="history-title">{t.history.title}</h2>
      </div>
      {history.length === 0 ? (
        <p className="dim empty">{t.history.empty}</p>
      ) : (
        <ChangesTable history={history} role={role} label={t.history.title} />
      )}
    </section>
  );
}
