import type { ReactElement } from 'react';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Fact } from '../../ui/fact.tsx';
import { Row, SaveBar } from './parts.tsx';
import { useDraft } from './use-config.ts';

/** What this install is called, and by what others know it. */
export function Install({
  view,
  node,
  onSaved,
}: {
  view: ConfigView;
  node: Status['node'];
  onSaved: () => void;
}): ReactElement {
  const { t } = useText();
  const { draft, change, bar, save } = useDraft(
    view,
    ({ config }) => ({ name: config.node.name, days: String(config.historyDays) }),
    ({ name, days }) => ({ node: { name }, historyDays: Number(days) }),
    onSaved,
  );
  const texts = t.settings.screen;
  return (
    <form
      className="settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Row
        name={t.settings.name}
        value={draft.name}
        onChange={(name) => change({ name })}
        note={draft.name === node.name ? undefined : texts.nameNote}
      />
      {node.role === 'mirror' && (
        <Row
          name={texts.historyDays}
          value={draft.days}
          onChange={(days) => change({ days })}
          number={{ min: 1, max: 36_500 }}
          note={texts.historyDaysNote}
        />
      )}
      <dl className="facts-list">
        <Fact name={t.settings.role}>{t.role[node.role]}</Fact>
        {node.pid !== null && <Fact name={t.settings.process}>{node.pid}</Fact>}
        <Fact name={t.settings.fingerprint}>
          <Copyable label={t.settings.fingerprint} text={node.id} />
          <span className="dim">{t.settings.fingerprintNote}</span>
        </Fact>
      </dl>
      <SaveBar {...bar} />
    </form>
  );
}
