import { type ReactElement, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { useOfferedCode } from '../../stores/offered-code.ts';
import { useUi } from '../../stores/ui-store.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useTask } from '../../ui/use-task.ts';
import { FolderField } from '../../ui/field.tsx';
import { TakeOver } from '../../ui/take-over.tsx';
import { useCheck } from '../../ui/use-check.ts';

const dials = ['either', 'mirror', 'master'] as const;
type Dial = (typeof dials)[number];

/** At a mirror: follows a further site, of this master or of another. */
export function JoinButton(): ReactElement {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  const [first, setFirst] = useState('');
  useOfferedCode((code) => {
    setFirst(code);
    setOpen(true);
    return true;
  });
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {t.pairing.follow}
      </button>
      {isOpen && (
        <Join
          key={first}
          first={first}
          onClose={() => {
            setOpen(false);
            setFirst('');
          }}
        />
      )}
    </>
  );
}

function Join({ first, onClose }: { first: string; onClose: () => void }): ReactElement {
  const { t } = useText();
  const texts = t.pairing;
  const bridge = useBridge();
  const setSite = useUi((ui) => ui.setSite);
  const [typed, setTyped] = useState(first);
  const [root, setRoot] = useState('');
  const [takeOver, setTakeOver] = useState(false);
  const [dial, setDial] = useState<Dial>('either');
  const chooseRoot = (chosen: string): void => {
    setRoot(chosen);
    setTakeOver(false);
  };
  const code = typed.trim();
  const { check } = useCheck('pairing.check', code === '' ? undefined : { code });
  const found = check.is === 'found' ? check.value : undefined;
  const task = useTask(async () => {
    const order = { code, root: root.trim(), takeOver, ...(dial !== 'either' && { dial }) };
    const joined = await bridge.call('pairing.join', order);
    setSite(joined.site);
    onClose();
  });
  return (
    <DialogForm
      title={texts.followTitle}
      task={task}
      action={texts.join}
      ready={found !== undefined && root.trim() !== ''}
      onClose={onClose}
    >
      <div className="field-and-note">
        <label className="field">
          <span>{texts.code}</span>
          <textarea
            rows={4}
            required
            spellCheck={false}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <p className="join-found" aria-live="polite">
          {check.is === 'asking' && texts.looking}
          {check.is === 'refused' && <ErrorText error={check.error} />}
          {found && (
            <>
              <StateMark state={found.reached === null ? 'failing' : 'in-step'} />
              {found.reached === null ? texts.notFound(found.site) : texts.found(found.site, found.reached)}
            </>
          )}
        </p>
      </div>
      <FolderField label={texts.folder} value={root} onChange={chooseRoot} note={texts.folderNote} />
      <TakeOver refusal={task.refusal} checked={takeOver} onChange={setTakeOver} />
      <fieldset className="radios">
        <legend>{texts.dial}</legend>
        {dials.map((each) => (
          <label key={each}>
            <input type="radio" name="dial" checked={each === dial} onChange={() => setDial(each)} />
            {texts.dials[each]}
          </label>
        ))}
        {dial === 'master' && <p className="dim">{texts.dialNote}</p>}
      </fieldset>
    </DialogForm>
  );
}
