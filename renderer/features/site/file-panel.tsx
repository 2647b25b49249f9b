import type { ReactElement } from 'react';
import type { FileFacts } from '../../../shared/contract/site-tree.ts';
import { addressOf } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { Fact } from '../../ui/fact.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useNow } from '../../ui/use-now.ts';
import { useSidePanel } from '../../ui/use-side-panel.ts';
import { exactly } from '../history/filter.ts';
import { markOf } from './file-state.ts';
import { Clock, Part } from './file-part.tsx';
import { FileVersions } from './file-versions.tsx';

interface Props {
  site: string;
  path: string;
  role: 'master' | 'mirror';
  onClose: () => void;
}

/** All that is known of one file. */
export function FilePanel({ site, path, role, onClose }: Props): ReactElement {
  const { t } = useText();
  const { answer } = useCall('site.file', { site, path }, 1000);
  const panel = useSidePanel(onClose);
  return (
    <aside ref={panel} className="panel file-panel" aria-label={t.site.panel(path)}>
      <div className="panel-head">
        <h2 className="file-title mono">{path.slice(path.lastIndexOf('/') + 1)}</h2>
        <button type="button" className="button quiet" onClick={onClose}>
          {t.dialog.close}
        </button>
      </div>
      <Asked answer={answer}>{(facts) => <Facts facts={facts} role={role} />}</Asked>
    </aside>
  );
}

function Facts({ facts, role }: { facts: FileFacts; role: 'master' | 'mirror' }): ReactElement {
  const { t, format } = useText();
  const { site, path, kind, size, mtime, sha256, seq, changedAt, by, release, groups, route } = facts;
  const texts = t.site;
  return (
    <>
      <dl className="facts-list file-facts">
        <Fact name={texts.path}>
          <span className="mono breakable selectable">{path}</span>
        </Fact>
        {kind === 'gone' && <Fact name={texts.state}>{texts.gone}</Fact>}
        {size !== undefined && (
          <Fact name={texts.size}>
            <span title={texts.bytes(format.number(size))}>{format.bytes(size)}</span>
          </Fact>
        )}
        {mtime !== undefined && <Fact name={texts.time}>{format.exact(mtime)}</Fact>}
        <Fact name={texts.change}>
          <span className="number">{format.number(seq)}</span>
          {changedAt !== undefined && <Clock at={changedAt} />}
          {by !== undefined && <span className="dim">{by === 'scan' ? texts.byScan : by}</span>}
        </Fact>
        {release !== undefined && (
          <Fact name={texts.release}>
            <a href={addressOf('together', 'releases', String(release.id))}>{release.name}</a>
          </Fact>
        )}
        {sha256 !== undefined && (
          <Fact name="SHA-256">
            <code className="breakable selectable file-hash">{sha256}</code>
          </Fact>
        )}
        {groups.length > 0 && (
          <Fact name={texts.groups}>
            <a href={addressOf('together', 'groups')}>{groups.join(', ')}</a>
          </Fact>
        )}
        {route !== undefined && (
          <Fact name={texts.route}>{route === null ? texts.noRoute : <code>{route.glob}</code>}</Fact>
        )}
      </dl>
      {facts.mirrors.length > 0 && (
        <Part title={role === 'master' ? texts.atMirrors : texts.here}>
          <ul className="file-mirrors">
            {facts.mirrors.map((each) => (
              <AtMirror key={each.peer} at={each} />
            ))}
          </ul>
        </Part>
      )}
      {role === 'master' && kind !== 'dir' && <FileVersions site={site} path={path} />}
      <Links facts={facts} />
      <p className="file-foot">
        <a href={addressOf('history', '-', '-', exactly(path))}>{texts.seeHistory}</a>
      </p>
    </>
  );
}

function AtMirror({ at }: { at: FileFacts['mirrors'][number] }): ReactElement {
  const { t, format } = useText();
  const { peer, state, publishedAt, nextAttemptAt, error } = at;
  const now = useNow();
  const mark = markOf(state);
  return (
    <li className="file-mirror">
      {mark === undefined ? <span /> : <StateMark state={mark} />}
      <span className="file-mirror-name">{peer}</span>
      <span className={mark === undefined || state === 'published' ? 'dim' : `state-${mark}`}>
        {t.site.states[state]}
      </span>
      <span className="file-mirror-time">
        {state === 'published' && publishedAt !== undefined && <Clock at={publishedAt} />}
      </span>
      {error !== undefined && (
        <p className="file-mirror-why">
          <ErrorText error={error} />
          {nextAttemptAt !== undefined && (
            <span className="dim"> {t.history.screen.nextTry(format.clock(nextAttemptAt, now))}</span>
          )}
        </p>
      )}
    </li>
  );
}

/** Where it leads, and what leads to it. */
function Links({ facts: { links } }: { facts: FileFacts }): ReactElement | null {
  const { t, format } = useText();
  if (links.out.length + links.in.length === 0) return null;
  return (
    <>
      {links.out.length > 0 && (
        <Part title={t.site.linksTo(format.number(links.out.length))}>
          <ul className="file-links">
            {links.out.map(({ target, missing }) => (
              <li key={target}>
                {missing || target.endsWith('/') ? (
                  <span className="mono breakable">{target}</span>
                ) : (
                  <PathLink path={target} />
                )}
                {missing && <span className="tag state-waiting">{t.site.missing}</span>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {links.in.length > 0 && (
        <Part title={t.site.linkedFrom(format.number(links.in.length))}>
          <ul className="file-links">
            {links.in.map((page) => (
              <li key={page}>
                <PathLink path={page} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {links.more && <p className="dim panel-note">{t.site.moreLinks}</p>}
    </>
  );
}

function PathLink({ path }: { path: string }): ReactElement {
  return (
    <a className="mono breakable" href={addressOf('site', ...path.split('/'))}>
      {path}
    </a>
  );
}
