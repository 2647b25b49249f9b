import { type ReactElement, useId, useState } from 'react';
import { IMPORT_LENGTH_MAX, type TargetImport } from '../../../shared/contract/target-import.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { useTask } from '../../ui/use-task.ts';

interface Props {
  onImported: (names: readonly string[]) => void;
  onClose: () => void;
}

/**
 * Choose a file, see what it holds, take what is wanted. The file's text, with its passwords, is read anew for each question and is
 * kept nowhere.
 */
export function TargetImportForm({ onImported, onClose }: Props): ReactElement {
  const { t } = useText();
  const texts = t.publish.imports;
  const bridge = useBridge();
  const fileId = useId();
  const [file, setFile] = useState<File>();
  const [found, setFound] = useState<TargetImport>();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const looking = useTask(async (chosen: File) => {
    setFound(undefined);
    setLeft(new Set());
    setFile(chosen);
    setFound(await bridge.call('target.import', { text: await textOf(chosen), dryRun: true }));
  });
  const wanted = (found?.targets ?? []).map(({ name }) => name).filter((name) => !left.has(name));
  const importing = useTask(async () => {
    if (!file) return;
    await bridge.call('target.import', { text: await textOf(file), only: wanted });
    onImported(wanted);
  });
  const busy = looking.busy || importing.busy;
  const refusal = looking.refusal ?? importing.refusal;
  return (
    <DialogForm
      title={texts.title}
      task={{ run: importing.run, busy, refusal }}
      action={texts.take(wanted.length)}
      ready={wanted.length > 0}
      onClose={onClose}
    >
      <p className="dim">{texts.explain}</p>
      <label className="field" htmlFor={fileId}>
        <span>{texts.file}</span>
        <input
          id={fileId}
          type="file"
          disabled={busy}
          onChange={({ target: { files } }) => {
            const [chosen] = files ?? [];
            if (chosen) looking.run(chosen);
          }}
        />
      </label>
      {found && <Found found={found} left={left} disabled={busy} onLeave={setLeft} />}
    </DialogForm>
  );
}

function Found({
  found: { targets, skipped },
  left,
  disabled,
  onLeave,
}: {
  found: TargetImport;
  left: ReadonlySet<string>;
  disabled: boolean;
  onLeave: (left: ReadonlySet<string>) => void;
}): ReactElement {
  const { t } = useText();
  const texts = t.publish.imports;
  return (
    <>
      {targets.length === 0 && <p role="status">{texts.nothing}</p>}
      {targets.length > 0 && (
        <ul className="import-list" aria-label={texts.list}>
          {targets.map(({ name, user, host, port, folder, protocol, hasPassword }) => (
            <li key={name}>
              <label className="check">
                <input
                  type="checkbox"
                  checked={!left.has(name)}
                  disabled={disabled}
                  onChange={({ target: { checked } }) => {
                    const next = new Set(left);
                    if (checked) next.delete(name);
                    else next.add(name);
                    onLeave(next);
                  }}
                />
                <span>
                  {name} <span className="dim">{`${user}@${host}:${port}${folder === '' ? '' : ` · ${folder}`}`}</span>
                </span>
              </label>
              {protocol === 'ftp' && <p className="dim import-note">{texts.plain}</p>}
              {!hasPassword && <p className="dim import-note">{texts.noPassword}</p>}
            </li>
          ))}
        </ul>
      )}
      {skipped.length > 0 && (
        <section aria-label={texts.skipped}>
          <h3>{texts.skipped}</h3>
          <ul className="import-list dim">
            {skipped.map(({ name, reason }, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- two entries of a file may have one name
              <li key={`${index} ${name}`}>{`${name}: ${texts.why[reason]}`}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Before it is read: a file that was chosen by mistake may be of any size. */
function textOf(file: File): Promise<string> {
  if (file.size > 4 * IMPORT_LENGTH_MAX) throw new AppError('import.too-large');
  return file.text();
}
