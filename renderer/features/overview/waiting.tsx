import type { ReactElement } from 'react';
import type { Status, WaitingItem } from '../../../shared/contract/status.ts';
import { needsPerson } from '../../../shared/domain/needs-person.ts';
import { addressOf } from '../../app/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { WaitingEntry } from '../together/waiting/waiting-entry.tsx';

/** So many stand here; all of them under Together. */
const SHOWN = 5;

/** What does not go on without somebody, with why and with what can be done; and how much waits by itself. */
export function Waiting({
  items,
  role,
}: {
  items: readonly WaitingItem[];
  role: Status['node']['role'];
}): ReactElement | null {
  const { t, format } = useText();
  const needed = items.filter(needsPerson);
  const others = items.length - Math.min(needed.length, SHOWN);
  if (items.length === 0) return null;
  const rest = others > 0 && (
    <a href={addressOf('together', 'waiting')}>{t.waiting.others(format.number(others), others)}</a>
  );
  if (needed.length === 0) return <p className="aside">{rest}</p>;
  return (
    <section className="panel needs" aria-labelledby="waiting-title">
      <div className="panel-head">
        <h2 id="waiting-title">{t.waiting.title}</h2>
        {rest}
      </div>
      <ul className="needs-list">
        {needed.slice(0, SHOWN).map((item) => (
          <WaitingEntry key={item.id} item={item} role={role} showSite={false} />
        ))}
      </ul>
    </section>
  );
}
