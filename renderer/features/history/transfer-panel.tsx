import type { ReactElement } from 'react';
import type { HistoryPageRow, WaitingItem } from '../../../shared/contract/status.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { Refused } from '../../ui/refused.tsx';
import { Fact } from '../../ui/fact.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useSidePanel } from '../../ui/use-side-panel.ts';
import { useTask } from '../../ui/use-task.ts';
import { Moment } from '../../ui/time.tsx';
import { deliveryState } from '../../stores/reach.ts';
import { TransferScore } from './transfer-score.tsx';
import { type Delivery, lengthOf, type Step, stepsOf } from './timeline.ts';

interface Props {
  row: HistoryPageRow;
  waiting: readonly WaitingItem[];
  atMaster: boolean;
  onClose: () => void;
}

/** One change: what it was, and its way to each mirror. */
export function TransferPanel({ row, waiting, atMaster, onClose }: Props): ReactElement {
  const { t, format } = useText();
  const texts = t.history.screen;
  const { deliveries, at } = row;
  const length = lengthOf(deliveries, at);
  const panel = useSidePanel(onClose);
  return (
    <aside ref={panel} className="panel history-panel" aria-label={texts.panel(row.path)}>
      <div className="panel-head">
        <h2>{t.history.op[row.op]}</h2>
        <button type="button" className="button quiet" onClick={onClose}>
          {texts.close}
        </button>
      </div>
      <p className="history-panel-path mono">{row.path}</p>
      <dl className="facts-list history-facts">
        {row.from !== undefined && (
          <Fact name={texts.was}>
            <span className="mono">{row.from}</span>
          </Fact>
        )}
        <Fact name={texts.at}>{format.exact(at)}</Fact>
        {row.size !== undefined && <Fact name={t.history.size}>{format.bytes(row.size)}</Fact>}
        {row.by !== undefined && <Fact name={texts.by}>{row.by === 'scan' ? texts.byScan : row.by}</Fact>}
        {row.seq !== undefined && <Fact name={texts.seq}>{format.number(row.seq)}</Fact>}
      </dl>
      {row.error !== undefined && (
        <p className="history-panel-error">
          <ErrorText error={row.error} />
        </p>
      )}
      {deliveries.length === 0 && row.error === undefined && <p className="dim history-panel-error">{texts.told}</p>}
      {deliveries.length > 0 && row.op !== 'aborted' && <TransferScore row={row} length={length} />}
      <ul className="history-deliveries">
        {deliveries.map((delivery) => (
          <DeliveryOf
            key={delivery.peer}
            delivery={delivery}
            at={at}
            length={length}
            item={waiting.find(
              ({ kind, path, peer }) =>
                kind === 'failing' && path === row.path && (atMaster ? peer === delivery.peer : peer === undefined),
            )}
          />
        ))}
      </ul>
    </aside>
  );
}

interface DeliveryProps {
  delivery: Delivery;
  at: number;
  length: number;
  /** What can be tried again. */
  item: WaitingItem | undefined;
}

function DeliveryOf({ delivery, at, length, item }: DeliveryProps): ReactElement {
  const { t, format } = useText();
  const texts = t.history.screen;
  const state = deliveryState(delivery);
  const steps = stepsOf(delivery, at);
  const last = steps.at(-1);
  const { verdict, attempts, nextAttemptAt, error } = delivery;
  return (
    <li className="history-delivery">
      <div className="history-delivery-head">
        <StateMark state={state} />
        <strong>{delivery.peer}</strong>
        <span className={`state-word state-${state}`}>
          {state === 'in-step' && verdict !== undefined ? texts.verdict[verdict] : t.state[state]}
        </span>
        {state === 'in-step' && last !== undefined && (
          <span className="number history-delivery-time">{format.duration(last.after)}</span>
        )}
      </div>
      {steps.length === 0 ? (
        <p className="dim">{state === 'in-step' ? texts.compared : texts.nothingYet}</p>
      ) : (
        <Line steps={steps} length={length} />
      )}
      <ol className="history-steps" aria-label={texts.timeline(delivery.peer)}>
        {steps.map(({ name, after }) => (
          <li key={name}>
            <span className={`step-dot step-${name}`} aria-hidden="true" />
            <span className="dim">{texts.steps[name]}</span>
            <span className="number">{format.duration(after)}</span>
          </li>
        ))}
      </ol>
      {error !== undefined && <ErrorText error={error} />}
      {error?.code === 'change.given-up' && <GaveUp error={error} />}
      {(attempts !== undefined && attempts > 1) || nextAttemptAt !== undefined ? (
        <Attempts attempts={attempts} nextAttemptAt={nextAttemptAt} />
      ) : null}
      {item !== undefined && <TryNow item={item} />}
    </li>
  );
}

/** The steps as they lie in time; the line ends where the slowest mirror had it. */
function Line({ steps, length }: { steps: readonly Step[]; length: number }): ReactElement {
  const share = (after: number): string => `${((after / length) * 100).toFixed(2)}%`;
  const from = steps[0]?.after ?? 0;
  const to = steps.at(-1)?.after ?? 0;
  return (
    <div className="history-timeline" aria-hidden="true">
      <span className="timeline-span" style={{ left: share(from), width: share(to - from) }} />
      {steps.map(({ name, after }) => (
        <span key={name} className={`step-dot step-${name}`} style={{ left: share(after) }} />
      ))}
    </div>
  );
}

function Attempts({ attempts, nextAttemptAt }: Pick<Delivery, 'attempts' | 'nextAttemptAt'>): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  const texts = t.history.screen;
  const parts = [
    ...(attempts === undefined ? [] : [texts.attempts(format.number(attempts), attempts)]),
    ...(nextAttemptAt === undefined ? [] : [texts.nextTry(format.clock(nextAttemptAt, now))]),
  ];
  return <p className="dim">{parts.join(' · ')}</p>;
}

function GaveUp({ error: { params } }: { error: ErrorJson }): ReactElement | null {
  const { t, format } = useText();
  const now = useNow();
  const { at } = params;
  if (typeof at !== 'number') return null;
  return (
    <p className="dim">
      <Moment at={at}>{t.history.screen.gaveUp(format.clock(at, now))}</Moment>
    </p>
  );
}

function TryNow({ item }: { item: WaitingItem }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('waiting.resolve', { id: item.id, how: 'publish' });
  });
  return (
    <div>
      <button type="button" className="button" disabled={busy} onClick={() => run()}>
        {t.history.screen.tryNow}
      </button>
      <Refused error={refusal} />
    </div>
  );
}
