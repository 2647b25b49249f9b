import { type ReactElement, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import { InviteOptions } from './invite-options.tsx';
import { countdownText, type InviteDraft, inviteParams, NO_CHOICE } from './invite-draft.ts';
import { useInvitation } from '../../ui/use-invitation.ts';

/** Makes a pairing code for a mirror of the site, and says what to do with it. */
export function Invite({ site, small = false }: { site: string; small?: boolean }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const now = useNow();
  const [draft, setDraft] = useState<InviteDraft>(NO_CHOICE);
  const [made, setMade] = useInvitation(site);
  const params = inviteParams(site, draft);
  const { run, busy, refusal } = useTask(async () => {
    if (params) setMade(await bridge.call('pairing.invite', params));
  });
  const make = (words: string): ReactElement => (
    <button
      type="button"
      className={small ? 'button quiet' : 'button primary'}
      disabled={busy || params === undefined}
      onClick={() => run()}
    >
      {words}
    </button>
  );
  if (made === undefined) {
    return (
      <div className={small ? 'invite-small' : 'panel invite'}>
        {!small && <p>{t.noMirrors.explain}</p>}
        {!small && <InviteOptions draft={draft} onChange={setDraft} />}
        {make(small ? t.noMirrors.another : t.noMirrors.make)}
        {refusal !== undefined && <ErrorText error={refusal} />}
      </div>
    );
  }
  return (
    <div className={small ? 'invite-small made' : 'panel invite'}>
      <p>{t.noMirrors.enter}</p>
      <Copyable label={t.noMirrors.codeLabel} text={made.code} />
      <pre className="command">lockstep join CODE --root FOLDER</pre>
      {!small && (
        <>
          <p>{t.pairing.orLink}</p>
          <Copyable label={t.pairing.asLink} text={`lockstep:${made.code}`} />
        </>
      )}
      <p className="dim">
        {t.pairing.left(countdownText(made.expiresAt - now))}{' '}
        {made.addresses.length > 0 && t.pairing.looksAt(made.addresses.slice(0, 3).join(', '))}
      </p>
      <button type="button" className="button quiet" onClick={() => setMade(undefined)}>
        {t.pairing.anotherCode}
      </button>
    </div>
  );
}
