import type { ReactElement } from 'react';
import type { ErrorJson } from '../../../../shared/errors/app-error.ts';
import { useText } from '../../../i18n/use-text.ts';
import { ErrorText } from '../../../ui/error-text.tsx';
import type { StepProps } from '../draft.ts';
import { Field, FolderField } from '../../../ui/field.tsx';
import { type Place, Step } from '../step.tsx';
import { isName } from '../suggest.ts';
import { TakeOver } from '../../../ui/take-over.tsx';
import { useCheck } from '../../../ui/use-check.ts';
import { useFolderDrop } from '../use-folder-drop.ts';

interface Props extends StepProps {
  place: Place;
  asksName: boolean;
  busy: boolean;
  refusal: ErrorJson | undefined;
  onNext: () => void;
  onBack: () => void;
}

/** Mirror: where the files go, and what this machine is called. */
export function TargetStep({ draft, onChange, place, asksName, busy, refusal, onNext, onBack }: Props): ReactElement {
  const { t, format } = useText();
  const { firstStart: texts } = t;
  const drop = useFolderDrop((root) => onChange({ root, takeOver: false }));
  const root = draft.root.trim();
  const { check } = useCheck(
    'folder.check',
    root === '' ? undefined : { root, use: 'follow', takeOver: draft.takeOver },
  );
  const nameIsWrong = !isName(draft.name);
  return (
    <div className={drop.isOver ? 'step-drop over' : 'step-drop'} {...drop.handlers}>
      <Step
        place={place}
        title={texts.target.title}
        explain={drop.canDrop ? texts.target.explainDrop : texts.target.explain}
        next={texts.start}
        ready={check.is === 'found' && (!asksName || !nameIsWrong)}
        busy={busy}
        refusal={refusal}
        onNext={onNext}
        onBack={onBack}
      >
        <FolderField
          label={texts.mirrorRoot}
          value={draft.root}
          onChange={(value) => onChange({ root: value, takeOver: false })}
          first
          isWrong={check.is === 'refused'}
          note={
            check.is === 'refused' ? (
              <ErrorText error={check.error} />
            ) : check.is === 'found' ? (
              texts.target.is[check.value.is](format.number(check.value.entries), check.value.entries)
            ) : check.is === 'asking' ? (
              texts.looking
            ) : undefined
          }
        />
        <TakeOver
          refusal={check.is === 'refused' ? check.error : undefined}
          checked={draft.takeOver}
          onChange={(takeOver) => onChange({ takeOver })}
        />
        {asksName && (
          <Field
            label={texts.name}
            value={draft.name}
            onChange={(name) => onChange({ name })}
            isWrong={nameIsWrong}
            note={nameIsWrong ? texts.badName : texts.target.nameNote}
          />
        )}
      </Step>
    </div>
  );
}
