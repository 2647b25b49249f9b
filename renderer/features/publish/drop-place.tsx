import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Refused } from '../../ui/refused.tsx';
import { useTask } from '../../ui/use-task.ts';
import { EarlierReleases } from './next-steps.tsx';
import type { Source } from './source.ts';

interface Props {
  isOver: boolean;
  machine: string;
  /** It may go to a site of this master. */
  hasSite: boolean;
  refusal: ErrorJson | undefined;
  /** What was refused. */
  tried: Source | undefined;
  onChoose: (source: Source) => void;
  /** What was chosen in a browser, which has no paths. */
  onChooseFiles: (files: readonly File[]) => void;
}

/** Where nothing is under way: the place to drop on, and the other ways to name a folder. */
export function DropPlace({ isOver, machine, hasSite, refusal, tried, onChoose, onChooseFiles }: Props): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const isDesktop = bridge.kind === 'desktop';
  // What was typed, and is not there, is mended and not typed anew.
  const [folder, setFolder] = useState(tried?.sent ? '' : (tried?.paths[0] ?? ''));
  const place = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (tried && !tried.sent) place.current?.select();
  }, [tried]);
  const choose = useTask(async () => {
    const { path } = await bridge.call('shell.choose-folder', { title: t.publish.chooseTitle });
    if (path !== null) onChoose({ paths: [path], isFolder: true });
  });
  const explain = hasSite ? t.publish.dropExplain : t.publish.targets.dropExplain;
  const problem = refusal ?? choose.refusal;
  return (
    <>
      <section className="publish-drop">
        <svg width="40" height="40" viewBox="0 0 40 40" aria-hidden="true" className="publish-arrow">
          <path d="M20 5v22M11 18l9 9 9-9" />
          <path d="M5 29v3a3 3 0 0 0 3 3h24a3 3 0 0 0 3-3v-3" />
        </svg>
        <p className="publish-call">{isOver ? t.publish.dropOver : t.publish.drop}</p>
        <p className="dim">{explain}</p>
        {isDesktop ? (
          <button type="button" className="button primary" disabled={choose.busy} onClick={() => choose.run()}>
            {t.publish.choose}
          </button>
        ) : (
          <p className="publish-choices">
            <FileChoice label={t.publish.choose} isFolder onChoose={onChooseFiles} />
            <FileChoice label={t.publish.chooseFiles} onChoose={onChooseFiles} />
          </p>
        )}
        <form
          className="field-row publish-folder"
          onSubmit={(event) => {
            event.preventDefault();
            onChoose({ paths: [folder.trim()], isFolder: true });
          }}
        >
          <label className="field">
            <span>{isDesktop ? t.publish.orFolder : t.publish.orFolderOn(machine)}</span>
            <input
              ref={place}
              className="mono"
              value={folder}
              required
              maxLength={4096}
              autoComplete="off"
              spellCheck={false}
              placeholder="/srv/build"
              onChange={(event) => setFolder(event.target.value)}
            />
          </label>
          <button type="submit" className="button">
            {t.publish.look}
          </button>
        </form>
        <Refused error={problem} />
      </section>
      <p>
        <EarlierReleases />
      </p>
    </>
  );
}

/** A button that opens the browser's own dialog. */
function FileChoice({
  label,
  isFolder = false,
  onChoose,
}: {
  label: string;
  isFolder?: boolean;
  onChoose: (files: readonly File[]) => void;
}): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={label}
        {...(isFolder && { webkitdirectory: '' })}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          // The same may be chosen again.
          target.value = '';
          if (files.length > 0) onChoose(files);
        }}
      />
      <button type="button" className={isFolder ? 'button primary' : 'button'} onClick={() => input.current?.click()}>
        {label}
      </button>
    </>
  );
}
