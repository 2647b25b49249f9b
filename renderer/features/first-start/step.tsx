import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';

export interface Place {
  /** Counted from 1. */
  readonly at: number;
  readonly of: number;
}

interface Props {
  place: Place;
  title: string;
  explain: ReactNode;
  children: ReactNode;
  /** What the last button says. */
  next: string;
  ready: boolean;
  busy?: boolean;
  refusal?: ErrorJson | undefined;
  onNext: () => void;
  onBack?: (() => void) | undefined;
}

/** One page of the first start: what is decided here, and the ways on and back. Enter goes on. */
export function Step(props: Props): ReactElement {
  const { place, title, explain, children, next, ready, busy = false, refusal, onNext, onBack } = props;
  const { t } = useText();
  const titleId = useId();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const page = form.current;
    // Where nothing is asked, the way on.
    (page?.querySelector<HTMLElement>('[data-first]') ?? page?.querySelector<HTMLElement>('.primary'))?.focus();
  }, []);
  return (
    <form
      ref={form}
      className="step"
      aria-labelledby={titleId}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) onNext();
      }}
    >
      <StepDots place={place} />
      <div className="step-head">
        <h1 id={titleId}>{title}</h1>
        <p className="dim">{explain}</p>
      </div>
      {children}
      <Refused error={refusal} className="step-refusal" />
      <div className="step-actions">
        {onBack !== undefined && (
          <button type="button" className="button large" disabled={busy} onClick={onBack}>
            {t.firstStart.back}
          </button>
        )}
        <button type="submit" className="button primary large" disabled={!ready || busy}>
          {busy ? t.firstStart.starting : next}
        </button>
      </div>
    </form>
  );
}

function StepDots({ place: { at, of } }: { place: Place }): ReactElement {
  const { t } = useText();
  return (
    <p className="step-dots">
      <span aria-hidden="true">
        {Array.from({ length: of }, (_, index) => (
          <i key={index} className={index < at ? 'passed' : undefined} />
        ))}
      </span>
      <span className="dim">{t.firstStart.step(at, of)}</span>
    </p>
  );
}
