import type { ReactElement } from 'react';
import type { LockOut, Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import { Moment } from '../../ui/time.tsx';
import './settings.css';

/** So many are shown: an attack may lock out many more. */
const SHOWN = 5;

/** Who is kept out of the FTP server after too many wrong passwords, until when, and how they are let in again. */
export function LockOuts({ status }: { status: Pick<Status, 'lockOuts'> }): ReactElement | null {
  const { t, format } = useText();
  const now = useNow();
  const lockOuts = (status.lockOuts ?? []).filter(({ until }) => until > now);
  if (lockOuts.length === 0) return null;
  const texts = t.settings.screen.lockOuts;
  const more = lockOuts.length - SHOWN;
  return (
    <section aria-label={texts.title}>
      <ul className="settings-list">
        {lockOuts.slice(0, SHOWN).map((each) => (
          <Item key={`${each.kind} ${each.who}`} lockOut={each} now={now} />
        ))}
      </ul>
      {more > 0 && <p className="dim panel-note">{texts.more(format.number(more), more)}</p>}
    </section>
  );
}

function Item({ lockOut: { kind, who, until, tried }, now }: { lockOut: LockOut; now: number }): ReactElement {
  const { t, format } = useText();
  const texts = t.settings.screen.lockOuts;
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call('account.unlock', { who });
  });
  return (
    <li className="settings-item lock-out">
      <span className="lock-out-text">
        <StateMark state="held" />
        <span>
          {texts[kind](who, tried)}
          <Moment at={until} className="dim">
            {texts.until(format.minute(until, now))}
          </Moment>
        </span>
      </span>
      <span className="settings-actions">
        <button type="button" className="button small" disabled={busy} onClick={() => run()}>
          {texts.unlock}
          <span className="visually-hidden"> {who}</span>
        </button>
      </span>
      <Refused error={refusal} className="settings-outcome" />
    </li>
  );
}
