import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { Fact } from '../../ui/fact.tsx';
import { madeWith } from './made-with.ts';

export function About({ version }: { version: string }): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.about;
  return (
    <dl className="facts-list">
      <Fact name={t.settings.version}>
        <span className="selectable">{version}</span>
      </Fact>
      <Fact name={texts.licence}>{texts.licenceText}</Fact>
      <Fact name={texts.parts}>
        {Object.entries(madeWith).map(([licence, names]) => (
          <span key={licence}>
            <span className="dim">{licence}:</span> {names.join(', ')}
          </span>
        ))}
      </Fact>
    </dl>
  );
}
