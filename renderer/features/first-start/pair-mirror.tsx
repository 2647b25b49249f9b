import { type ReactElement, useEffect, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import { furthest } from '../../../shared/domain/reach.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';
import { Field } from '../../ui/field.tsx';
import { parseOutside } from '../../ui/outside-address.ts';
import { useCheck } from '../../ui/use-check.ts';
import { useInvitation } from '../../ui/use-invitation.ts';

interface Props {
  site: string;
  /** Of the listener for mirrors. */
  linkPort: number;
  onAddresses: (addresses: readonly string[]) => void;
}

/** A pairing code, large, what to type at the other machine, and from where this one can be reached. */
export function PairMirror({ site, linkPort, onAddresses }: Props): ReactElement {
  const { t, format } = useText();
  const texts = t.firstStart.done;
  const bridge = useBridge();
  const now = useNow();
  const [made, setMade] = useInvitation(site);
  const invite = useTask(async (address?: { host: string; port: number }) => {
    const invitation = await bridge.call('pairing.invite', { site, ...(address && { address }) });
    setMade(invitation);
    onAddresses(invitation.addresses);
  });
  useEffect(() => invite.run(), [site]); // oxlint-disable-line react/exhaustive-deps -- one code at first; the next one is asked for
  return (
    <div className="pairing">
      <Refused error={invite.refusal} />
      {made !== undefined && (
        <>
          <p>{texts.enter}</p>
          <div className="pairing-code">
            <Copyable label={t.noMirrors.codeLabel} text={made.code} />
          </div>
          <p className="dim">
            {t.noMirrors.expires(format.clock(made.expiresAt, now))} {texts.orType}
          </p>
          <pre className="command">lockstep join CODE --root FOLDER</pre>
          <Reachability key={made.code} made={made} />
        </>
      )}
      {made === undefined && !invite.busy && (
        <button type="button" className="button" disabled={invite.busy} onClick={() => invite.run()}>
          {texts.anotherCode}
        </button>
      )}
      <Outside linkPort={linkPort} busy={invite.busy} onUse={(address) => invite.run(address)} />
    </div>
  );
}

/** Where mirrors will look, what that means, and whether this machine answers there. */
function Reachability({ made }: { made: CallResult<'pairing.invite'> }): ReactElement | null {
  const { t } = useText();
  const texts = t.firstStart.done;
  const { check } = useCheck('pairing.check', { code: made.code });
  const best = furthest(made.addresses);
  if (best === undefined) return null;
  const found = check.is === 'found' ? check.value : undefined;
  const answers = found !== undefined && found.reached !== null;
  const state =
    found === undefined ? 'working' : !answers ? 'failing' : best.reach === 'loopback' ? 'waiting' : 'in-step';
  return (
    <div className="reach">
      <p className="found-line">
        <StateMark state={state} size={14} />
        <span>
          {texts.reach[best.reach](best.address)}{' '}
          {found === undefined ? texts.seeing : answers ? texts.seen : texts.unseen}
        </span>
      </p>
      {made.addresses.length > 1 && (
        <details>
          <summary>{texts.allAddresses}</summary>
          <ul className="tried">
            {made.addresses.map((address) => (
              <li key={address}>
                <code>{address}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** The address by which it is known outside, behind a router or by a name of its own. */
function Outside({
  linkPort,
  busy,
  onUse,
}: {
  linkPort: number;
  busy: boolean;
  onUse: (address: { host: string; port: number }) => void;
}): ReactElement {
  const { t } = useText();
  const texts = t.firstStart.done;
  const [typed, setTyped] = useState('');
  const address = parseOutside(typed, linkPort);
  const isWrong = typed.trim() !== '' && address === undefined;
  return (
    <details>
      <summary>{texts.outside}</summary>
      <form
        className="folder-field"
        onSubmit={(event) => {
          event.preventDefault();
          if (address) onUse(address);
        }}
      >
        <Field
          label={texts.outsideLabel(linkPort)}
          value={typed}
          onChange={setTyped}
          mono
          isWrong={isWrong}
          note={isWrong ? texts.outsideWrong : texts.outsideNote}
        />
        <button type="submit" className="button" disabled={busy || address === undefined}>
          {texts.outsideUse}
        </button>
      </form>
    </details>
  );
}
