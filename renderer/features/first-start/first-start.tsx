import { type ReactElement, useState } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { useTask } from '../../ui/use-task.ts';
import { FolderField, TextField } from './fields.tsx';

type Role = 'master' | 'mirror';
const roles: readonly Role[] = ['master', 'mirror'];

/** Master or mirror, a folder, a name: and it works. */
export function FirstStart({ suggestedName }: { suggestedName: string }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const [role, setRole] = useState<Role>('master');
  const [name, setName] = useState(suggestedName);
  const [site, setSite] = useState('www');
  const [code, setCode] = useState('');
  const [root, setRoot] = useState('');
  const { run, busy, refusal } = useTask(async () => {
    await bridge.call(
      'host.init',
      role === 'master' ? { role, name, site, root } : { role, name, code: code.trim(), root },
    );
  });
  const explain = {
    master: [t.firstStart.masterTitle, t.firstStart.masterExplain],
    mirror: [t.firstStart.mirrorTitle, t.firstStart.mirrorExplain],
  } as const;
  return (
    <main className="stage">
      <form
        className="first-start"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <h1>{t.firstStart.title}</h1>
        <div className="roles" role="radiogroup" aria-label={t.firstStart.title}>
          {roles.map((each) => (
            <label key={each} className="role">
              <input type="radio" name="role" checked={role === each} onChange={() => setRole(each)} />
              <strong>{explain[each][0]}</strong>
              <span>{explain[each][1]}</span>
            </label>
          ))}
        </div>
        {role === 'master' ? (
          <TextField label={t.firstStart.site} value={site} onChange={setSite} />
        ) : (
          <TextField label={t.firstStart.code} value={code} onChange={setCode} mono />
        )}
        <FolderField
          label={role === 'master' ? t.firstStart.root : t.firstStart.mirrorRoot}
          value={root}
          onChange={setRoot}
        />
        <TextField label={t.firstStart.name} value={name} onChange={setName} />
        {refusal !== undefined && (
          <p role="alert">
            <ErrorText error={refusal} />
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? t.firstStart.starting : t.firstStart.start}
        </button>
      </form>
    </main>
  );
}
