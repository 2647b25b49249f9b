import { type ReactElement, useState } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import { FolderField, TextField } from './fields.tsx';

/** The first site of an install that has none: to publish at a master, to follow at a mirror. */
export function SiteForm({ role }: { role: 'master' | 'mirror' }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const [name, setName] = useState('www');
  const [code, setCode] = useState('');
  const [root, setRoot] = useState('');
  const { run, busy, refusal } = useTask(async () => {
    if (role === 'master') await bridge.call('site.add', { name, root });
    else await bridge.call('pairing.join', { code: code.trim(), root });
  });
  return (
    <form
      className="panel first-start"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      {role === 'master' ? (
        <TextField label={t.firstStart.site} value={name} onChange={setName} />
      ) : (
        <TextField label={t.firstStart.code} value={code} onChange={setCode} mono />
      )}
      <FolderField
        label={role === 'master' ? t.firstStart.root : t.firstStart.mirrorRoot}
        value={root}
        onChange={setRoot}
      />
      {refusal !== undefined && (
        <p role="alert">
          <ErrorText error={refusal} />
        </p>
      )}
      <button type="submit" className="button primary" disabled={busy}>
        {busy ? t.firstStart.starting : t.firstStart.start}
      </button>
    </form>
  );
}
