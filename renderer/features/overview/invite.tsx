import { type ReactElement, useState } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';

interface Invitation {
  readonly code: string;
  readonly expiresAt: number;
}

/** Makes a pairing code for a mirror of the site, and says what to do with it. */
export function Invite({ site, small = false }: { site: string; small?: boolean }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const now = useNow();
  const [made, setMade] = useState<Invitation>();
  const { run, busy, refusal } = useTask(async () => setMade(await bridge.call('pairing.invite', { site })));
  const make = (
    <button type="button" className={small ? 'button quiet' : 'button primary'} disabled={busy} onClick={() => run()}>
      {small ? t.noMirrors.another : t.noMirrors.make}
    </button>
  );
  if (made === undefined || made.expiresAt <= now) {
    return (
      <div className={small ? 'invite-small' : 'panel invite'}>
        {!small && <p>{t.noMirrors.explain}</p>}
        {make}
        {refusal !== undefined && <ErrorText error={refusal} />}
      </div>
    );
  }
  return (
    <div className={small ? 'invite-small made' : 'panel invite'}>
      <p>{t.noMirrors.enter}</p>
      <Copyable label={t.noMirrors.codeLabel} text={made.code} />
      <pre className="command">lockstep join CODE --root FOLDER</pre>
      <p className="dim">{t.noMirrors.expires(format.clock(made.expiresAt, now))}</p>
    </div>
  );
}
