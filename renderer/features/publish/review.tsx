import { type ReactElement, useState } from 'react';
import type { FolderPlan } from '../../../shared/contract/releases.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { peerState, type Site } from '../overview/peer-state.ts';
import { PlanList } from './plan-list.tsx';
import type { Actions, Order, Stage } from './publish-store.ts';
import { nameOfPath } from './source.ts';

type Reviewed = Extract<Stage, { is: 'reading' | 'review' | 'publishing' }>;

/** What would change, under which name, and the one button. */
export function Review({ stage, site, actions }: { stage: Reviewed; site: Site; actions: Actions }): ReactElement {
  const { t, format } = useText();
  const { order, plan } = stage;
  const texts = t.publish;
  const isBusy = stage.is !== 'review';
  const count = plan === undefined ? 0 : plan.new.length + plan.changed.length + plan.deleted.length;
  const refusal = stage.is === 'review' ? stage.refusal : undefined;
  return (
    <form
      className="panel publish-review"
      onSubmit={(event) => {
        event.preventDefault();
        void actions.publish();
      }}
    >
      <div className="panel-head">
        <h2>{texts.review}</h2>
        <span className="publish-from dim" title={order.source.folder}>
          {texts.from(whatOf(order, texts.some, (value) => format.number(value)))}
        </span>
      </div>
      <Where order={order} disabled={isBusy} onChange={(change) => void actions.look({ ...order, ...change })} />
      {plan === undefined ? (
        <output className="publish-wait dim">{texts.reading(nameOfPath(order.source.folder))}</output>
      ) : count + plan.refused.length === 0 ? (
        <p className="publish-wait">{texts.nothing}</p>
      ) : (
        <>
          <Counts plan={plan} />
          <PlanList plan={plan} />
        </>
      )}
      {plan !== undefined && count > 0 && (
        <>
          <Goes site={site} />
          <div className="publish-last">
            <label className="field">
              <span>{texts.name}</span>
              <input
                value={order.name}
                required
                maxLength={200}
                disabled={isBusy}
                onChange={(event) => actions.edit({ name: event.target.value })}
              />
            </label>
            {site.peers.length > 1 && (
              <label className="publish-check" title={texts.togetherExplain}>
                <input
                  type="checkbox"
                  checked={order.together}
                  disabled={isBusy}
                  onChange={(event) => actions.edit({ together: event.target.checked })}
                />
                {texts.together}
              </label>
            )}
          </div>
        </>
      )}
      <div className="publish-actions">
        {stage.is === 'publishing' && <output className="dim">{texts.publishing}</output>}
        {refusal !== undefined && <Refusal error={refusal} onDelete={() => void actions.publish(true)} />}
        <button type="button" className="button" disabled={stage.is === 'publishing'} onClick={() => actions.reset()}>
          {texts.cancel}
        </button>
        {plan !== undefined && count > 0 && (
          <button type="submit" className="button primary" disabled={isBusy}>
            {texts.publish(format.number(count), count)}
          </button>
        )}
      </div>
    </form>
  );
}

function whatOf(
  { source }: Order,
  some: (n: string, first: string) => string,
  number: (value: number) => string,
): string {
  const [first, ...others] = source.only ?? [];
  if (first === undefined) return source.folder;
  return others.length === 0
    ? `${source.folder} · ${first}`
    : `${source.folder} · ${some(number(others.length), first)}`;
}

interface WhereProps {
  order: Order;
  disabled: boolean;
  onChange: (change: Partial<Order>) => void;
}

/** What the plan depends on: a change looks anew. */
function Where({ order, disabled, onChange }: WhereProps): ReactElement {
  const { t } = useText();
  const [into, setInto] = useState(order.into);
  const done = (): void => {
    const trimmed = into.trim().replace(/^\/+|\/+$/g, '');
    if (trimmed !== order.into) onChange({ into: trimmed });
  };
  return (
    <div className="publish-where">
      <label className="publish-into">
        <span>{t.publish.into}</span>
        <input
          className="mono"
          value={into}
          placeholder={t.publish.intoWhole}
          spellCheck={false}
          disabled={disabled}
          onChange={(event) => setInto(event.target.value)}
          onBlur={done}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            // Enter asks what would change, it does not publish.
            event.preventDefault();
            done();
          }}
        />
      </label>
      {order.source.only === undefined && (
        <label className="publish-check">
          <input
            type="checkbox"
            checked={order.withDelete}
            disabled={disabled}
            onChange={(event) => onChange({ withDelete: event.target.checked })}
          />
          {t.publish.withDelete}
        </label>
      )}
    </div>
  );
}

function Counts({ plan }: { plan: FolderPlan }): ReactElement {
  const { t, format } = useText();
  const texts = t.publish;
  return (
    <p className="publish-counts">
      {(['new', 'changed', 'deleted', 'refused'] as const).map(
        (kind) =>
          plan[kind].length > 0 && (
            <span key={kind} className={`plan-${kind}`}>
              {texts.counts[kind](format.number(plan[kind].length))}
            </span>
          ),
      )}
      {plan.unchanged > 0 && <span className="dim">{texts.same(format.number(plan.unchanged), plan.unchanged)}</span>}
    </p>
  );
}

/** Who is to get it, and who cannot at once. */
function Goes({ site }: { site: Site }): ReactElement {
  const { t } = useText();
  if (site.peers.length === 0) return <p className="publish-goes dim">{t.publish.nobody}</p>;
  return (
    <div className="publish-goes">
      <span className="dim">{t.publish.goesTo}</span>
      <ul>
        {site.peers.map((peer) => (
          <li key={peer.id}>
            <StateMark state={peerState(peer)} />
            {peer.name}
            {!peer.connected && <span className="dim">{t.publish.whenBack}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Refusal({
  error,
  onDelete,
}: {
  error: NonNullable<Extract<Stage, { is: 'review' }>['refusal']>;
  onDelete: () => void;
}): ReactElement {
  const { t, format } = useText();
  const { count, of } = error.params;
  if (error.code !== 'guard.held' || typeof count !== 'number' || typeof of !== 'number') {
    return (
      <p role="alert" className="publish-refusal">
        <ErrorText error={error} />
      </p>
    );
  }
  return (
    <div role="alert" className="publish-refusal">
      <p>{t.publish.deletesMuch(format.number(count), format.number(of))}</p>
      <button type="button" className="button" onClick={onDelete}>
        {t.publish.deleteAnyway(format.number(count))}
      </button>
    </div>
  );
}
