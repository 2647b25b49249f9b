import { type ReactElement, useId } from 'react';
import type { CallResult } from '../../../../shared/contract/calls.ts';
import { useText } from '../../../i18n/use-text.ts';
import { ErrorText } from '../../../ui/error-text.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { useNow } from '../../../ui/use-now.ts';
import type { StepProps } from '../draft.ts';
import { Note } from '../../../ui/field.tsx';
import { type Place, Step } from '../step.tsx';
import { useCheck } from '../../../ui/use-check.ts';

type Checked = CallResult<'pairing.check'>;

interface Props extends StepProps {
  place: Place;
  onNext: () => void;
  onBack: (() => void) | undefined;
}

/** Mirror: the code of the master, and whether the master answers. */
export function CodeStep({ draft, onChange, place, onNext, onBack }: Props): ReactElement {
  const { t } = useText();
  const { firstStart: texts } = t;
  const noteId = useId();
  const code = draft.code.trim();
  const { check, again } = useCheck('pairing.check', code === '' ? undefined : { code });
  const isWrong = check.is === 'refused';
  return (
    <Step
      place={place}
      title={texts.code.title}
      explain={texts.code.explain}
      next={texts.next}
      ready={check.is === 'found' && check.value.reached !== null}
      onNext={onNext}
      onBack={onBack}
    >
      <div className="field-and-note">
        <label className="field">
          <span>{texts.code.label}</span>
          <textarea
            className="code-input"
            data-first
            rows={6}
            value={draft.code}
            required
            autoComplete="off"
            spellCheck={false}
            aria-invalid={isWrong || undefined}
            aria-describedby={noteId}
            onChange={(event) => onChange({ code: event.target.value })}
          />
        </label>
        <Note id={noteId} isWrong={isWrong}>
          {isWrong ? <ErrorText error={check.error} /> : check.is === 'asking' ? texts.code.asking : undefined}
        </Note>
      </div>
      {check.is === 'found' && <Master found={check.value} onAgain={again} />}
    </Step>
  );
}

/** What the code says of the master, and whether it is there. */
function Master({ found, onAgain }: { found: Checked; onAgain: () => void }): ReactElement {
  const { t, format } = useText();
  const texts = t.firstStart.code;
  const now = useNow();
  const { site, master, expiresAt, reached, addresses } = found;
  return (
    <section
      className={reached === null ? 'panel found-master trouble' : 'panel found-master'}
      aria-label={texts.found}
    >
      <p className="found-line">
        <StateMark state={reached === null ? 'failing' : 'in-step'} size={14} />
        <strong>{reached === null ? texts.unreached : texts.reached(reached)}</strong>
      </p>
      {reached === null && (
        <>
          <ul className="tried">
            {addresses.map(({ address, error }) => (
              <li key={address}>
                <code>{address}</code>
                {error !== undefined && <ErrorText error={error} />}
              </li>
            ))}
          </ul>
          <p>{texts.unreachedMend}</p>
          <button type="button" className="button" onClick={onAgain}>
            {texts.again}
          </button>
        </>
      )}
      <dl className="found-facts">
        <dt>{t.nav.site}</dt>
        <dd>{site}</dd>
        <dt>{texts.fingerprint}</dt>
        <dd>
          <code className="fingerprint">{groups(master)}</code>
          <span className="dim">{texts.fingerprintNote}</span>
        </dd>
        <dt>{texts.valid}</dt>
        <dd>{texts.until(format.clock(expiresAt, now))}</dd>
      </dl>
    </section>
  );
}

/** In fours, so that two can be compared by eye. */
function groups(fingerprint: string): string {
  return fingerprint.replace(/.{4}(?=.)/g, '$& ');
}
