import type { ReactElement } from 'react';
import type { ShellFacts, UpdateState } from '../../../shared/contract/shell.ts';
import type { Messages } from '../../i18n/en.ts';
import { useText } from '../../i18n/use-text.ts';
import { Fact } from '../../ui/fact.tsx';
import { Segments } from '../../ui/segments.tsx';

interface Props {
  facts: ShellFacts;
  busy: boolean;
  onSet: (on: boolean) => void;
  onDo: (what: 'check' | 'fetch' | 'install') => void;
}

/** Whether newer versions are looked for, and the one that was found. */
export function UpdateFact({ facts: { update, settings, platform }, busy, onSet, onDo }: Props): ReactElement {
  const { t } = useText();
  const texts = t.settings.desktop;
  if (update.is === 'no-source')
    return <Fact name={texts.updates}>{platform === 'linux' ? texts.updatesLinux : texts.noSource}</Fact>;
  const next = nextStep(update);
  const sentence = sentenceOf(update, texts.update);
  return (
    <Fact name={texts.updates}>
      <Segments
        label={texts.updates}
        names={texts.switch}
        options={['on', 'off']}
        value={settings.updates ? 'on' : 'off'}
        onChange={(value) => onSet(value === 'on')}
      />
      {next !== undefined && (
        <button type="button" className="button small" disabled={busy} onClick={() => onDo(next)}>
          {texts[next]}
        </button>
      )}
      {sentence !== undefined && <output>{sentence}</output>}
      <span className="dim">{texts.updatesNote}</span>
    </Fact>
  );
}

function nextStep({ is }: UpdateState): 'check' | 'fetch' | 'install' | undefined {
  switch (is) {
    case 'off':
    case 'none':
    case 'failed':
      return 'check';
    case 'available':
      return 'fetch';
    case 'ready':
      return 'install';
    case 'checking':
    case 'fetching':
    case 'no-source':
      return undefined;
  }
}

function sentenceOf(update: UpdateState, texts: Messages['settings']['desktop']['update']): string | undefined {
  switch (update.is) {
    case 'available':
    case 'fetching':
    case 'ready':
      return texts[update.is](update.version);
    case 'checking':
    case 'none':
    case 'failed':
      return texts[update.is];
    case 'off':
    case 'no-source':
      return undefined;
  }
}
