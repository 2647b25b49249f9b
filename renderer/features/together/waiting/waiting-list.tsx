import { type ReactElement, useState } from 'react';
import type { Status, WaitingItem } from '../../../../shared/contract/status.ts';
import { needsPerson } from '../../../../shared/domain/needs-person.ts';
import { useText } from '../../../i18n/use-text.ts';
import { StateMark } from '../../../ui/state-mark.tsx';
import { WaitingEntry } from './waiting-entry.tsx';

/** So many are shown until all are asked for. */
const SHOWN = 50;

/** What waits, at this install and at its mirrors: first what waits for a person, then what goes on by itself. */
export function WaitingList({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const held = status.waiting.filter(needsPerson);
  const others = status.waiting.filter((item) => !needsPerson(item)).toSorted(soonestFirst);
  if (status.waiting.length === 0) {
    return (
      <section className="panel teach">
        <h2>
          <StateMark state="in-step" /> {t.together.waiting.nothing}
        </h2>
        <p className="dim">{t.together.waiting.teach}</p>
      </section>
    );
  }
  return (
    <>
      <Part title={t.together.waiting.held} items={held} status={status} needs />
      <Part title={t.together.waiting.byItself} items={others} status={status} />
    </>
  );
}

interface PartProps {
  title: string;
  items: readonly WaitingItem[];
  status: Status;
  needs?: boolean;
}

function Part({ title, items, status, needs = false }: PartProps): ReactElement | null {
  const { t, format } = useText();
  const [all, setAll] = useState(false);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, SHOWN);
  return (
    <section className={needs ? 'panel needs' : 'panel'} aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <span className="dim number">{format.number(items.length)}</span>
      </div>
      <ul>
        {shown.map((item) => (
          <WaitingEntry key={item.id} item={item} role={status.node.role} showSite={status.sites.length > 1} />
        ))}
      </ul>
      {shown.length < items.length && (
        <button type="button" className="button quiet show-all" onClick={() => setAll(true)}>
          {t.together.waiting.showAll(format.number(items.length))}
        </button>
      )}
    </section>
  );
}

function soonestFirst(one: WaitingItem, other: WaitingItem): number {
  const late = Number.MAX_SAFE_INTEGER;
  return (one.until ?? late) - (other.until ?? late) || one.since - other.since;
}
