import { type ReactElement, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { WayToFirstSite } from '../../ui/no-site.tsx';
import { TargetForm } from './target-form.tsx';
import { TargetImportForm } from './target-import.tsx';

/** Neither a site of one's own nor an FTP server elsewhere: the way to each. */
export function NoTarget({ onAdded }: { onAdded: (name: string | undefined) => void }): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  const [open, setOpen] = useState<'form' | 'import'>();
  const close = (): void => setOpen(undefined);
  return (
    <section className="panel teach" aria-labelledby="no-target">
      <h2 id="no-target">{texts.noneTitle}</h2>
      <p>{texts.none}</p>
      <div className="bar-row">
        <button type="button" className="button primary" onClick={() => setOpen('form')}>
          {texts.add}
        </button>
        <button type="button" className="button" onClick={() => setOpen('import')}>
          {t.publish.imports.choice}
        </button>
      </div>
      <WayToFirstSite />
      {open === 'form' && <TargetForm target={undefined} onClose={close} onSaved={onAdded} onRemoved={close} />}
      {open === 'import' && <TargetImportForm onClose={close} onImported={([first]) => onAdded(first)} />}
    </section>
  );
}
