import type { ReactElement } from 'react';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Fact } from '../../ui/fact.tsx';

export function DataFolder({ view }: { view: ConfigView }): ReactElement {
  const { t, format } = useText();
  const texts = t.settings.screen.data;
  return (
    <dl className="facts-list">
      <Fact name={texts.folder}>
        <Copyable label={texts.folder} text={view.dataDir} />
      </Fact>
      <Fact name={texts.file}>
        <span className="mono breakable selectable">{view.file}</span>
      </Fact>
      <Fact name={texts.size}>{format.bytes(view.databaseBytes)}</Fact>
    </dl>
  );
}
