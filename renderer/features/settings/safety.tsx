import { type ReactElement, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { Fact } from '../../ui/fact.tsx';
import { FolderField } from '../../ui/field.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useNow } from '../../ui/use-now.ts';
import { useTask } from '../../ui/use-task.ts';

type Certificates = CallResult<'node.certificates'>;
type Backup = CallResult<'node.backup'>;

/** Asked for seldom: a certificate is renewed every few weeks. */
const PAUSE_MILLIS = 60_000;

/** By which certificates others know this install, and how it is backed up. */
export function Safety({ node, dataDir }: { node: Status['node']; dataDir: string }): ReactElement {
  const { t } = useText();
  const { answer } = useCall('node.certificates', {}, PAUSE_MILLIS);
  const texts = t.settings.screen.safety;
  return (
    <>
      <Asked answer={answer}>{(certificates) => <Shown certificates={certificates} role={node.role} />}</Asked>
      <dl className="facts-list">
        <Fact name={texts.backup}>
          <SaveBackup name={node.name} />
          <span className="dim">{texts.backupNote}</span>
        </Fact>
        <Fact name={texts.restore}>
          <code className="selectable breakable">lockstep restore FILE --data DIR</code>
          <span className="dim">{texts.restoreNote(dataDir)}</span>
        </Fact>
      </dl>
    </>
  );
}

function Shown({
  certificates: { own, ftp },
  role,
}: {
  certificates: Certificates;
  role: Status['node']['role'];
}): ReactElement {
  const { t } = useText();
  const texts = t.settings.screen.safety;
  return (
    <dl className="facts-list">
      <Fact name={texts.own}>
        {role === 'master' && ftp === undefined ? texts.ownForAll : texts.ownForPeers}
        <Certificate {...own} />
      </Fact>
      {ftp && (
        <Fact name={texts.ftp}>
          <span>
            {texts.fromFile} <span className="mono breakable selectable">{ftp.file}</span>
          </span>
          {ftp.shown && <Certificate {...ftp.shown} />}
          {ftp.error && <ErrorText error={ftp.error} />}
        </Fact>
      )}
    </dl>
  );
}

function Certificate({ fingerprint, until }: Certificates['own']): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  const texts = t.settings.screen.safety;
  const days = format.number(Math.max(0, Math.floor((until - now) / 86_400_000)));
  return (
    <>
      <code className="breakable selectable">{fingerprint}</code>
      <span className="dim">{texts.until(format.day(until), days)}</span>
    </>
  );
}

function SaveBackup({ name }: { name: string }): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const texts = t.settings.screen.safety;
  const [isOpen, setOpen] = useState(false);
  const [folder, setFolder] = useState('');
  const [saved, setSaved] = useState<Backup>();
  const task = useTask(async () => {
    const place = folder.trim().replace(/[/\\]+$/, '');
    setSaved(await bridge.call('node.backup', { file: `${place}/${fileOf(name, new Date())}` }));
    setOpen(false);
  });
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {texts.save}
      </button>
      <div aria-live="polite">
        {saved && <p className="breakable">{texts.saved(saved.file, format.bytes(saved.bytes))}</p>}
        {saved?.notSaved.map((file) => (
          <p key={file} className="breakable">
            {texts.notSaved(file)}
          </p>
        ))}
      </div>
      {isOpen && (
        <DialogForm
          title={texts.saveTitle}
          task={task}
          action={texts.saveNow}
          ready={folder.trim() !== ''}
          onClose={() => setOpen(false)}
        >
          <FolderField label={texts.saveIn} value={folder} note={texts.saveNote} onChange={setFolder} />
        </DialogForm>
      )}
    </>
  );
}

/** A new one each second: a backup takes the place of none. */
function fileOf(name: string, at: Date): string {
  const word = name.replace(/[^\p{L}\p{N}.-]+/gu, '-').replace(/^[.-]+/, '');
  return `lockstep-${word}-${at.toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}.db`;
}
