import type { ReactElement } from 'react';
import type { Release } from '../../../../shared/contract/releases.ts';
import { addressOf, useLocation } from '../../../stores/location.ts';
import { useText } from '../../../i18n/use-text.ts';
import { ArrowKeys } from '../../../ui/arrow-keys.tsx';
import { Asked } from '../../../ui/asked.tsx';
import { Ago } from '../../../ui/time.tsx';
import { useCall } from '../../../ui/use-call.ts';
import { ReleasePage } from './release-page.tsx';
import { ReleaseState } from './release-state.tsx';

/** The newest releases of a site, and how far each has come; one of them in full where the address names it. */
export function Releases({ site }: { site: string }): ReactElement {
  const [, , third] = useLocation();
  return third !== undefined && /^\d{1,15}$/.test(third) ? (
    <ReleasePage site={site} release={Number(third)} />
  ) : (
    <ReleaseList site={site} />
  );
}

function ReleaseList({ site }: { site: string }): ReactElement {
  const { t } = useText();
  const words = t.together.releases;
  const { answer } = useCall('release.list', { site });
  return (
    <Asked answer={answer}>
      {(releases) =>
        releases.length === 0 ? (
          <section className="panel teach">
            <h2>{words.none}</h2>
            <p className="dim">{words.teach}</p>
            <pre className="command">lockstep release publish ./dist --name "Spring"</pre>
            <pre className="command">SITE RELEASE BEGIN Spring … SITE RELEASE COMMIT</pre>
          </section>
        ) : (
          <ArrowKeys selector="a">
            <ul className="panel release-list">
              {releases.map((release) => (
                <ReleaseRow key={release.id} release={release} />
              ))}
            </ul>
          </ArrowKeys>
        )
      }
    </Asked>
  );
}

function ReleaseRow({ release }: { release: Release }): ReactElement {
  const { t, format } = useText();
  const words = t.together.releases;
  return (
    <li>
      <a className="release-row" href={addressOf('together', 'releases', String(release.id))}>
        <span className="release-what">
          <strong>{release.name}</strong>
          <span className="dim">
            {words.byWhom(release.by)} · {words.changes(format.number(release.changes), release.changes)}
          </span>
        </span>
        <Pips release={release} />
        <ReleaseState release={release} />
        <span className="dim release-when">
          <Ago at={release.at} />
        </span>
      </a>
    </li>
  );
}

/** One a mirror: full where it is shown, half where it is ready, open where it is not there yet. None where the words say it all. */
function Pips({ release: { peers } }: { release: Release }): ReactElement {
  const isEverywhere = peers.every(({ publishedAt }) => publishedAt !== undefined);
  return (
    <span className="pips" aria-hidden="true">
      {!isEverywhere &&
        peers.map(({ peer, readyAt, publishedAt }) => (
          <span
            key={peer}
            className={publishedAt !== undefined ? 'pip full' : readyAt !== undefined ? 'pip ready' : 'pip'}
            title={peer}
          />
        ))}
    </span>
  );
}
