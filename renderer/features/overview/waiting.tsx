import type { ReactElement } from 'react';
import type { WaitingItem } from '../../../shared/contract/status.ts';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { PathText } from '../../ui/path-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';

/** What does not go on by itself, with why and with what can be done. */
export function Waiting({ items }: { items: readonly WaitingItem[] }): ReactElement {
  const { t } = useText();
  return (
    <section className="panel needs" aria-labelledby="waiting-title">
      <div className="panel-head">
        <h2 id="waiting-title">{t.waiting.title}</h2>
      </div>
      <ul className="needs-list">
        {items.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Item({ item }: { item: WaitingItem }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const now = useNow();
  const { run, busy, refusal } = useTask(async (how: 'publish' | 'discard') => {
    await bridge.call('waiting.resolve', { id: item.id, how });
  });
  return (
    <li className="need">
      <StateMark state={item.kind === 'failing' ? 'failing' : 'held'} />
      <div className="need-text">
        {item.path !== undefined && <PathText path={item.path} />}
        <ErrorText error={refusal ?? item.error} />
        <span className="dim">
          <span title={format.exact(item.since)}>{t.waiting.since(format.clock(item.since, now))}</span>
          {item.nextAttemptAt !== undefined && ` · ${t.waiting.next(format.clock(item.nextAttemptAt, now))}`}
        </span>
      </div>
      <div className="need-actions">
        <button type="button" className="button" disabled={busy} onClick={() => run('publish')}>
          {item.kind === 'failing' ? t.waiting.tryNow : t.waiting.publish}
        </button>
        <button type="button" className="button quiet" disabled={busy} onClick={() => run('discard')}>
          {t.waiting.discard}
        </button>
      </div>
    </li>
  );
}
