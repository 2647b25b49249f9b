import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { ShownCertificate, Target, TargetTest, Trust } from '../../../shared/contract/publishing.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Refused } from '../../ui/refused.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useTask } from '../../ui/use-task.ts';
import { draftOf, grouped, isSameLogin, isSameServer, placeOf, type TargetDraft } from './target-draft.ts';
import { TargetFields } from './target-fields.tsx';

interface Props {
  /** undefined: a new one. */
  target: Target | undefined;
  onSaved: (name: string) => void;
  onRemoved: () => void;
  onClose: () => void;
}

/** Test, compare the certificate, save: a target is saved when it was reached once. */
export function TargetForm({ target, onSaved, onRemoved, onClose }: Props): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  const bridge = useBridge();
  const [draft, setDraft] = useState(() => draftOf(target));
  const [trust, setTrust] = useState<Trust>(target?.trust ?? { by: 'authority' });
  const [test, setTest] = useState<TargetTest>();
  const change = (next: TargetDraft): void => {
    if (!isSameServer(draft, next)) setTrust({ by: 'authority' });
    setDraft(next);
    // What it is called, and whether its password is kept, was not tried.
    if (!isSameLogin(draft, next)) setTest(undefined);
  };
  // An empty field leaves the saved one as it is.
  const password = draft.password === '' && target ? {} : { password: draft.password };
  const testing = useTask(async (how: Trust) => {
    setTrust(how);
    setTest(undefined);
    setTest(await bridge.call('target.test', { target: placeOf(draft, how), ...password }));
  });
  const saving = useTask(async () => {
    const place = placeOf(draft, trust);
    await bridge.call('target.add', {
      target: place,
      ...password,
      remember: draft.remember,
      replace: target !== undefined,
    });
    onSaved(place.name);
  });
  const removing = useTask(async () => {
    await bridge.call('target.remove', { name: target?.name ?? '' });
    onRemoved();
  });
  const busy = testing.busy || saving.busy || removing.busy;
  const refusal = testing.refusal ?? saving.refusal ?? removing.refusal;
  const isReady = test?.is === 'ready';
  return (
    <Dialog title={target ? texts.changeTitle(target.name) : texts.addTitle} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) saving.run();
          else testing.run(trust);
        }}
      >
        <TargetFields draft={draft} isNew={!target} disabled={busy} onChange={change} />
        {testing.busy && <output className="dim asked">{texts.testing(draft.host)}</output>}
        {test?.is === 'confirm' && <Confirmation certificate={test.certificate} />}
        {isReady && <Ready test={test} />}
        <Refused error={refusal} />
        <div className="dialog-actions">
          {target && (
            <button type="button" className="button target-remove" disabled={busy} onClick={() => removing.run()}>
              {texts.remove}
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            {t.dialog.cancel}
          </button>
          <button
            type={test?.is === 'confirm' ? 'button' : 'submit'}
            className="button primary"
            disabled={busy}
            onClick={(event) => {
              if (test?.is !== 'confirm') return;
              // By the time that the click is over the button is one that submits.
              event.preventDefault();
              testing.run({ by: 'fingerprint', fingerprint: test.certificate.fingerprint });
            }}
          >
            {isReady ? texts.save : test?.is === 'confirm' ? texts.trust : texts.test}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What the server shows of itself, to be compared before anything is sent to it. */
function Confirmation({ certificate }: { certificate: ShownCertificate }): ReactElement {
  const { t, format } = useText();
  const place = useRef<HTMLElement>(null);
  // A key still held down, or pressed once more, trusts nothing.
  useEffect(() => place.current?.focus(), []);
  const texts = t.publish.targets;
  const { fingerprint, subject, issuer, validTo, problem } = certificate;
  return (
    <section ref={place} tabIndex={-1} className="target-certificate" role="alert" aria-labelledby="certificate-title">
      <h3 id="certificate-title">{texts.unknownCertificate}</h3>
      <p>{texts.compare}</p>
      <p className="mono target-fingerprint">{grouped(fingerprint)}</p>
      <p className="dim">
        {texts.certificateOf(subject, issuer)}, {texts.validTo(format.exact(validTo))}
        {problem !== undefined && (
          <>
            {' '}
            <code>{problem}</code>
          </>
        )}
      </p>
    </section>
  );
}

function Ready({ test }: { test: Extract<TargetTest, { is: 'ready' }> }): ReactElement {
  const { t } = useText();
  const texts = t.publish.targets;
  return (
    <output className="target-ready">
      <StateMark state="in-step" />
      <span>
        {test.lockstep ? texts.isLockstep : texts.isOther}{' '}
        {!test.lockstep && (test.proof === 'hash' ? texts.byHash : texts.bySize)}{' '}
        {test.folderMissing && texts.folderMissing}
      </span>
    </output>
  );
}
