import { type ReactElement, useMemo, useRef } from 'react';
import type { PublishPlan } from '../../../shared/contract/publishing.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { PathText } from '../../ui/path-text.tsx';
import { useLongList } from '../../ui/use-long-list.ts';

interface Line {
  readonly path: string;
  readonly kind: 'new' | 'changed' | 'deleted' | 'refused';
  /** In bytes; null: a folder, undefined: nothing of it is sent. */
  readonly size?: number | null | undefined;
  readonly error?: ErrorJson;
  /** It stands for so many that are not listed, and has no path. */
  readonly more?: number;
}

const signs = { new: '+', changed: '±', deleted: '−', refused: '!' } as const;

/** Each path with what would happen to it, and how much of it is sent; what is left out first, as it is what a person does not expect. */
export function PlanList({ plan }: { plan: PublishPlan }): ReactElement {
  const { t, format } = useText();
  const lines = useMemo(() => linesOf(plan), [plan]);
  const scroller = useRef<HTMLDivElement>(null);
  const { items, height, measure } = useLongList(scroller, lines.length, (index) => index);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keys must get to it
    <div ref={scroller} className="plan-list" tabIndex={0} role="group" aria-label={t.publish.listLabel}>
      <ul style={{ height }}>
        {items.map(({ index, start }) => {
          const line = lines[index];
          return (
            line && (
              <li
                key={index}
                ref={line.kind === 'refused' ? measure : undefined}
                data-index={index}
                aria-setsize={lines.length}
                aria-posinset={index + 1}
                className={`plan-line plan-${line.kind}`}
                style={{ transform: `translateY(${start}px)` }}
              >
                <span className="plan-sign" aria-hidden="true">
                  {signs[line.kind]}
                </span>
                <span className="plan-kind">{t.publish.kinds[line.kind]}</span>
                {line.more === undefined ? (
                  <PathText path={line.path} />
                ) : (
                  <span className="plan-why">{t.publish.moreRefused(format.number(line.more))}</span>
                )}
                {typeof line.size === 'number' && <span className="plan-size number">{format.bytes(line.size)}</span>}
                {line.error !== undefined && (
                  <span className="plan-why">
                    <ErrorText error={line.error} />
                  </span>
                )}
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function linesOf(plan: PublishPlan): Line[] {
  const more = plan.refusedCount - plan.refused.length;
  return [
    ...plan.refused.map(({ path, error }): Line => ({ path, kind: 'refused', error })),
    ...(more > 0 ? [{ path: '', kind: 'refused', more } as const] : []),
    ...plan.deleted.map((path): Line => ({ path, kind: 'deleted' })),
    ...(['changed', 'new'] as const).flatMap((kind) =>
      plan[kind].map((path, index): Line => ({ path, kind, size: plan.sizes[kind][index] })),
    ),
  ];
}
