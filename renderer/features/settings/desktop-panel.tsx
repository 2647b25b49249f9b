import { type ReactElement, useEffect, useState } from 'react';
import type { ShellFacts, ShellSettings } from '../../../shared/contract/shell.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';
import { Fact } from '../../ui/fact.tsx';
import { Segments } from '../../ui/segments.tsx';
import { useTask } from '../../ui/use-task.ts';
import { UpdateFact } from './update-fact.tsx';

const UPDATE_MILLIS = 2000;

/** What the app around the interface does; a browser has no such app. */
export function DesktopPanel(): ReactElement | null {
  const { t } = useText();
  const texts = t.settings.desktop;
  const bridge = useBridge();
  const [facts, setFacts] = useState<ShellFacts>();
  const load = useTask(async () => setFacts(await bridge.call('shell.facts', {})));
  const change = useTask(async (wanted: Partial<ShellSettings>) => setFacts(await bridge.call('shell.set', wanted)));
  const update = useTask(async (what: 'check' | 'fetch' | 'install') =>
    setFacts(await bridge.call('shell.update', { do: what })),
  );
  const isDesktop = bridge.kind === 'desktop';
  useEffect(() => {
    if (isDesktop) load.run();
  }, [isDesktop]); // oxlint-disable-line react/exhaustive-deps -- `load` is another function each time and asks the same
  // These end by themselves, at the shell, which tells nobody.
  const isUnderWay = facts?.update.is === 'checking' || facts?.update.is === 'fetching';
  useEffect(() => {
    if (!isUnderWay) return undefined;
    const timer = setInterval(() => load.run(), UPDATE_MILLIS);
    return () => clearInterval(timer);
  }, [isUnderWay]); // oxlint-disable-line react/exhaustive-deps -- as above
  const refusal = load.refusal ?? change.refusal ?? update.refusal;
  if (!isDesktop || (facts === undefined && refusal === undefined)) return null;
  return (
    <section className="panel" aria-label={texts.title}>
      <div className="panel-head">
        <h2>{texts.title}</h2>
      </div>
      <Refused error={refusal} className="panel-note" />
      {facts !== undefined && (
        <dl className="facts-list">
          <Fact name={texts.closing}>
            <Segments
              label={texts.closing}
              names={texts.closingChoice}
              options={['stay', 'quit']}
              value={closingOf(facts)}
              onChange={(whenClosed) => change.run({ whenClosed })}
            />
            <span className="dim">{texts.closingNote[shownBy(facts)]}</span>
          </Fact>
          <Switch
            name={texts.login}
            on={facts.settings.openAtLogin}
            note={texts.loginNote}
            onSet={(openAtLogin) => change.run({ openAtLogin })}
          />
          <Switch
            name={texts.notifications}
            on={facts.settings.notifications}
            note={texts.notificationsNote}
            onSet={(notifications) => change.run({ notifications })}
          />
          <UpdateFact
            facts={facts}
            busy={update.busy}
            onSet={(updates) => change.run({ updates })}
            onDo={(what) => update.run(what)}
          />
          <Fact name={texts.secrets}>{facts.protectsSecrets ? texts.secretsKept : texts.secretsRefused}</Fact>
        </dl>
      )}
    </section>
  );
}

/** On or off, with what it means beside it. */
function Switch({
  name,
  on,
  note,
  onSet,
}: {
  name: string;
  on: boolean;
  note: string;
  onSet: (on: boolean) => void;
}): ReactElement {
  const { t } = useText();
  return (
    <Fact name={name}>
      <Segments
        label={name}
        names={t.settings.desktop.switch}
        options={['on', 'off']}
        value={on ? 'on' : 'off'}
        onChange={(value) => onSet(value === 'on')}
      />
      <span className="dim">{note}</span>
    </Fact>
  );
}

/** Nobody has said: it goes on where it can be seen, and where not it asks, which neither choice stands for. */
function closingOf({ settings, hasTray, platform }: ShellFacts): 'stay' | 'quit' | undefined {
  return settings.whenClosed ?? (hasTray || platform === 'darwin' ? 'stay' : undefined);
}

function shownBy({ hasTray, platform }: ShellFacts): 'tray' | 'dock' | 'none' {
  if (platform === 'darwin') return 'dock';
  return hasTray ? 'tray' : 'none';
}
