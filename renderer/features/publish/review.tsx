import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { PublishPlan, Target } from '../../../shared/contract/publishing.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { peerState, type Site } from '../../stores/peer-state.ts';
import { Doubts } from './doubts.tsx';
import { PlanList } from './plan-list.tsx';
import type { Actions, Order, Stage } from './publish-store.ts';
import { folderOfPath, nameOfPath } from './source.ts';

type Reviewed = Extract<Stage, { is: 'reading' | 'refused' | 'review' | 'starting' }>;

export function isReviewed(stage: Stage): stage is Reviewed {
  return stage.is === 'reading' || stage.is === 'refused' || stage.is === 'review' || stage.is === 'starting';
}

/** What would change, under which name, and the one button. */
export function Review({
  stage,
  site,
  target,
  actions,
}: {
  stage: Reviewed;
  /** undefined: there is none here, and the order names a target. */
  site: Site | undefined;
  /** Where the order names one, as far as it is known. */
  target: Target | undefined;
  actions: Actions;
}): ReactElement {
  const { t, format } = useText();
  const { order } = stage;
  const plan = stage.is === 'refused' ? undefined : stage.plan;
  const texts = t.publish;
  const isBusy = stage.is === 'reading' || stage.is === 'starting';
  const there = order.target !== undefined;
  const count = plan === undefined ? 0 : plan.new.length + plan.changed.length + plan.deleted.length;
  const name = useRef<HTMLInputElement>(null);
  const isNamed = plan !== undefined && count > 0 && plan.atOnce;
  // The next thing to say, with Enter to publish: not the button that throws it away.
  useEffect(() => {
    if (isNamed) name.current?.select();
  }, [isNamed]);
  const refusal = stage.is === 'review' || stage.is === 'refused' ? stage.refusal : undefined;
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
        {order.source.sent ? (
          <span className="publish-from dim">{texts.fromBrowser}</span>
        ) : (
          <span className="publish-from dim" title={order.source.paths.join('\n')}>
            {texts.from(whatOf(order, texts.some, (value) => format.number(value)))}
          </span>
        )}
      </div>
      <Where
        order={order}
        there={there}
        disabled={isBusy}
        onChange={(change) => void actions.look({ ...order, ...change })}
      />
      <LeftOut names={order.source.sent?.leftOut ?? []} />
      {stage.is === 'refused' ? null : plan === undefined ? (
        <output className="publish-wait dim">{texts.reading(nameOfPath(order.source.paths[0] ?? ''))}</output>
      ) : count + plan.refusedCount === 0 ? (
        <p className="publish-wait">{texts.nothing}</p>
      ) : (
        <>
          <Counts plan={plan} />
          <PlanList plan={plan} />
          <Doubts mirrors={plan.mirrors} />
        </>
      )}
      {plan !== undefined && count > 0 && (
        <>
          {there ? target && <GoesTo target={target} plan={plan} /> : site && <Goes site={site} />}
          <div className="publish-last">
            {plan.atOnce && (
              <label className="field">
                <span>{texts.name}</span>
                <input
                  ref={name}
                  value={order.name}
                  maxLength={200}
                  disabled={isBusy}
                  onChange={(event) => actions.edit({ name: event.target.value })}
                />
              </label>
            )}
            {plan.atOnce && !there && site !== undefined && site.peers.length > 1 && (
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
        <Refused error={refusal} className="publish-refusal" />
        <button type="button" className="button" disabled={stage.is === 'starting'} onClick={() => actions.reset()}>
          {texts.cancel}
        </button>
        {stage.is === 'refused' && (
          <button type="button" className="button primary" onClick={() => void actions.look(order)}>
            {t.engine.retry}
          </button>
        )}
        {plan !== undefined && count > 0 && (
          <button type="submit" className="button primary" disabled={isBusy}>
            {texts.publish(format.number(count), count)}
          </button>
        )}
      </div>
    </form>
  );
}

/** In a note: what is more is counted. */
const NAMES_SHOWN = 30;

function LeftOut({ names }: { names: readonly string[] }): ReactElement | null {
  const { t, format } = useText();
  const [first] = names;
  if (first === undefined) return null;
  return (
    <p className="publish-left-out dim" title={names.slice(0, NAMES_SHOWN).join('\n')}>
      {t.publish.leftOut(format.number(names.length), names.length, first)}
    </p>
  );
}

function whatOf(
  { source }: Order,
  some: (n: string, first: string) => string,
  number: (value: number) => string,
): string {
  const [first = '', ...others] = source.paths;
  if (others.length === 0) return first;
  return `${folderOfPath(first)} · ${some(number(others.length), nameOfPath(first))}`;
}

interface WhereProps {
  order: Order;
  /** It goes to a target. */
  there: boolean;
  disabled: boolean;
  onChange: (change: Partial<Order>) => void;
}

/** What the plan depends on: a change looks anew. */
function Where({ order, there, disabled, onChange }: WhereProps): ReactElement {
  const { t } = useText();
  const [into, setInto] = useState(order.into);
  const done = (): void => {
    const trimmed = into.trim().replace(/^\/+|\/+$/g, '');
    if (trimmed !== order.into) onChange({ into: trimmed });
  };
  return (
    <div className="publish-where">
      <label className="publish-into">
        <span>{there ? t.publish.intoThere : t.publish.into}</span>
        <input
          className="mono"
          value={into}
          placeholder={there ? t.publish.intoTop : t.publish.intoWhole}
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
      {order.source.isFolder && (
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

function Counts({ plan }: { plan: PublishPlan }): ReactElement {
  const { t, format } = useText();
  const texts = t.publish;
  const kinds = [
    ['new', plan.new.length],
    ['changed', plan.changed.length],
    ['deleted', plan.deleted.length],
    ['refused', plan.refusedCount],
  ] as const;
  return (
    <p className="publish-counts">
      {kinds.map(
        ([kind, count]) =>
          count > 0 && (
            <span key={kind} className={`plan-${kind}`}>
              {texts.counts[kind](format.number(count))}
            </span>
          ),
      )}
      {plan.bytes > 0 && <span className="dim">{texts.toSend(format.bytes(plan.bytes))}</span>}
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

/** How it comes to another server, which is not told in the same words as to mirrors. */
function GoesTo({ target, plan }: { target: Target; plan: PublishPlan }): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  return (
    <p className="publish-goes dim">
      <span>
        {plan.atOnce ? texts.atOnce(target.name, target.host) : texts.byFile(target.name, target.host)}{' '}
        {target.protocol === 'ftp' && texts.plainWarning} {plan.bySizeOnly && texts.bySizeOnly}
      </span>
    </p>
  );
}
