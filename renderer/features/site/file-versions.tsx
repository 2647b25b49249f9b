import { type ReactElement, useState } from 'react';
import type { FileVersion } from '../../../shared/contract/site-tree.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';
import { Clock, Part } from './file-part.tsx';

const SHOWN = 20;

/** What the file has held, and the way back to it. */
export function FileVersions({ site, path }: { site: string; path: string }): ReactElement {
  const { t } = useText();
  const { answer, again } = useCall('version.list', { site, path, limit: SHOWN }, 1000);
  const [asked, setAsked] = useState<FileVersion>();
  const [restored, setRestored] = useState<number>();
  return (
    <Part title={t.site.versions}>
      <Asked answer={answer}>
        {(versions) =>
          versions.length === 0 ? (
            <p className="dim file-none">{t.site.noVersions}</p>
          ) : (
            <ul className="file-versions">
              {versions.map((version) => (
                <Version key={version.seq} version={version} onAsk={() => setAsked(version)} />
              ))}
            </ul>
          )
        }
      </Asked>
      {restored !== undefined && (
        <p className="file-none" role="status">
          {t.site.restored} <a href={addressOf('together', 'releases', String(restored))}>{t.site.seeRelease}</a>
        </p>
      )}
      {asked !== undefined && (
        <Restore
          site={site}
          path={path}
          version={asked}
          onDone={(release) => {
            setAsked(undefined);
            setRestored(release);
            again();
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Part>
  );
}

function Version({ version, onAsk }: { version: FileVersion; onAsk: () => void }): ReactElement {
  const { t, format } = useText();
  const { at, by, size, current, kept } = version;
  return (
    <li className="file-version">
      <Clock at={at} />
      <span className="number">{format.bytes(size)}</span>
      <span className="dim file-version-by">{by === 'scan' ? t.site.byScan : by}</span>
      {current ? (
        <span className="dim">{t.site.current}</span>
      ) : kept ? (
        <button type="button" className="button small" onClick={onAsk}>
          {t.site.putBack}
        </button>
      ) : (
        <span className="dim">{t.site.notKept}</span>
      )}
    </li>
  );
}

interface RestoreProps {
  site: string;
  path: string;
  version: FileVersion;
  onDone: (release: number) => void;
  onClose: () => void;
}

function Restore({ site, path, version, onDone, onClose }: RestoreProps): ReactElement {
  const { t, format } = useText();
  const bridge = useBridge();
  const { run, busy, refusal } = useTask(async () => {
    onDone((await bridge.call('version.restore', { site, path, seq: version.seq })).id);
  });
  return (
    <Confirm
      title={t.site.restoreTitle}
      action={t.site.putBack}
      busy={busy}
      refusal={refusal}
      onConfirm={() => run()}
      onClose={onClose}
    >
      <p className="mono breakable">{path}</p>
      <p>{t.site.restoreText(format.exact(version.at), format.bytes(version.size))}</p>
      <p className="dim">{t.site.restoreUndo}</p>
    </Confirm>
  );
}
