import type { ReactElement } from 'react';
import { useText } from '../../../i18n/use-text.ts';
import { ErrorText } from '../../../ui/error-text.tsx';
import type { StepProps } from '../draft.ts';
import { Field, FolderField } from '../../../ui/field.tsx';
import { type Place, Step } from '../step.tsx';
import { isName, suggestSiteName } from '../suggest.ts';
import { TakeOver } from '../../../ui/take-over.tsx';
import { useCheck } from '../../../ui/use-check.ts';
import { useFolderDrop } from '../use-folder-drop.ts';

interface Props extends StepProps {
  place: Place;
  onNext: () => void;
  onBack: (() => void) | undefined;
}

/** Master: which folder, and what it is called. */
export function SiteStep({ draft, onChange, place, onNext, onBack }: Props): ReactElement {
  const { t, format } = useText();
  const { firstStart: texts } = t;
  const choose = (root: string): void =>
    onChange({ root, takeOver: false, ...(!draft.siteTyped && { site: root === '' ? '' : suggestSiteName(root) }) });
  const drop = useFolderDrop(choose);
  const root = draft.root.trim();
  const { check } = useCheck(
    'folder.check',
    root === '' ? undefined : { root, use: 'publish', takeOver: draft.takeOver },
  );
  const isMissing = check.is === 'found' && check.value.is === 'absent';
  const nameIsWrong = draft.site !== '' && !isName(draft.site);
  return (
    <div className={drop.isOver ? 'step-drop over' : 'step-drop'} {...drop.handlers}>
      <Step
        place={place}
        title={texts.site.title}
        explain={drop.canDrop ? texts.site.explainDrop : texts.site.explain}
        next={texts.next}
        ready={check.is === 'found' && !isMissing && isName(draft.site)}
        onNext={onNext}
        onBack={onBack}
      >
        <FolderField
          label={texts.root}
          value={draft.root}
          onChange={choose}
          first
          isWrong={check.is === 'refused' || isMissing}
          note={
            check.is === 'refused' ? (
              <ErrorText error={check.error} />
            ) : isMissing ? (
              texts.site.missing
            ) : check.is === 'found' ? (
              texts.site.found(format.number(check.value.entries), check.value.entries)
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
        <Field
          label={texts.siteName}
          value={draft.site}
          onChange={(site) => onChange({ site, siteTyped: true })}
          isWrong={nameIsWrong}
          note={nameIsWrong ? texts.badName : texts.site.nameNote}
        />
      </Step>
    </div>
  );
}
