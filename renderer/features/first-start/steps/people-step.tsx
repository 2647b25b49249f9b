import type { ReactElement } from 'react';
import type { ErrorJson } from '../../../../shared/errors/app-error.ts';
import { useText } from '../../../i18n/use-text.ts';
import type { StepProps } from '../draft.ts';
import { Field } from '../../../ui/field.tsx';
import { Check } from '../../../ui/inputs.tsx';
import { type Place, Step } from '../step.tsx';
import { isName } from '../suggest.ts';

interface Props extends StepProps {
  place: Place;
  /** The machine has no name yet. */
  asksName: boolean;
  busy: boolean;
  refusal: ErrorJson | undefined;
  onNext: () => void;
  onBack: () => void;
}

/** Master: what it is called, and who may upload. */
export function PeopleStep({ draft, onChange, place, asksName, busy, refusal, onNext, onBack }: Props): ReactElement {
  const { t } = useText();
  const { firstStart: texts } = t;
  const nameIsWrong = !isName(draft.name);
  const userIsWrong = draft.wantsAccount && !isName(draft.user);
  return (
    <Step
      place={place}
      title={asksName ? texts.people.title : texts.people.titleAccount}
      explain={asksName ? texts.people.explain : texts.people.explainAccount}
      next={texts.start}
      ready={(!asksName || !nameIsWrong) && !userIsWrong}
      busy={busy}
      refusal={refusal}
      onNext={onNext}
      onBack={onBack}
    >
      {asksName && (
        <Field
          label={texts.name}
          value={draft.name}
          onChange={(name) => onChange({ name })}
          first
          isWrong={nameIsWrong}
          note={nameIsWrong ? texts.badName : texts.people.nameNote}
        />
      )}
      <fieldset className="step-option">
        <Check
          label={texts.people.wants}
          data-first={!asksName || undefined}
          checked={draft.wantsAccount}
          onChange={(wantsAccount) => onChange({ wantsAccount })}
        />
        {draft.wantsAccount ? (
          <Field
            label={t.uploads.user}
            value={draft.user}
            onChange={(user) => onChange({ user })}
            isWrong={userIsWrong}
            note={userIsWrong ? texts.badName : texts.people.userNote}
          />
        ) : (
          <p className="dim">{texts.people.later}</p>
        )}
      </fieldset>
    </Step>
  );
}
