import type { ReactElement } from 'react';
import type { Status, WaitingItem } from '../../../shared/contract/status.ts';
import { needsPerson } from '../../../shared/domain/needs-person.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { WaitingEntry } from '../together/waiting/waiting-entry.tsx';

/** So many stand here; all of them under Together. */
const SHOWN = 5;

/** What does not go on without somebody, with why and with what can be done; and how much waits by itself. */
export function Waiting({
  items,
  role,
  elsewhere = 0,
}: {
  items: readonly WaitingItem[];
  role: Status['node']['role'];
  /** Things of other sites that need a person. */
  elsewhere?: number;
}): ReactElement {
  const { t, format } = useText();
  const needed = items.filter(needsPerson);
  const others = items.length - Math.min(needed.length, SHOWN);
  const rest = others > 0 && (
    <a href={addressOf('together', 'waiting')}>{t.waiting.others(format.number(others), others)}</a>
  );
  const atOthers = elsewhere > 0 && (
    <a href={addressOf('together', 'waiting')}>{t.waiting.elsewhere(format.number(elsewhere), elsewhere)}</a>
  );
  const isCalm = needed.length === 0 && !atOthers;
  return (
    <section
      className={needed.length > 0 ? 'panel needs' : isCalm ? 'panel calm' : 'panel'}
      aria-labelledby="waiting-title"
    >
      <div className="panel-head">
        <h2 id="waiting-title">{t.waiting.title}</h2>
        {isCalm && <p className="dim">{t.waiting.nothing}</p>}
        {rest}
      </div>
      <ul className="needs-list">
        {needed.slice(0, SHOWN).map((item) => (
          <WaitingEntry key={item.id} item={item} role={role} showSite={false} />
        ))}
      </ul>
      {atOthers && <p className="empty needs-elsewhere">{atOthers}</p>}
    </section>
  );
}
