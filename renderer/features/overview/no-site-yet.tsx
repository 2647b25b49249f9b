import { type ReactElement, useState } from 'react';
import type { Target } from '../../../shared/contract/publishing.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { addressOf } from '../../stores/location.ts';
import { Guide } from '../first-start/guide.tsx';
import { actionsOn, NO_SITE } from '../publish/publish-store.ts';
import { useTargets } from '../publish/use-targets.ts';

/** The way to a first site; where there are FTP servers to publish to, these first. */
export function NoSiteYet({ node: { role, name } }: { node: Status['node'] }): ReactElement | null {
  const { list, isRead, refusal } = useTargets();
  const [wantsSite, setWantsSite] = useState(false);
  if (role === 'mirror' || wantsSite) return <Guide role={role} suggestedName={name} />;
  if (!isRead && refusal === undefined) return null;
  if (list.length === 0) return <Guide role={role} suggestedName={name} />;
  return <TargetsOnly targets={list} onSite={() => setWantsSite(true)} />;
}

function TargetsOnly({ targets, onSite }: { targets: readonly Target[]; onSite: () => void }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  const texts = t.publish.targets;
  return (
    <>
      <h1 className="headline">{texts.onlyTitle}</h1>
      <section className="panel" aria-label={texts.onlyTitle}>
        <p className="targets-explain dim">{texts.onlyExplain}</p>
        <ul>
          {targets.map(({ name, host }) => (
            <li key={name} className="target-line">
              <a href={addressOf('publish')} onClick={() => actionsOn(bridge, NO_SITE).sendTo(name)}>
                {name}
              </a>
              <span className="mono dim">{host}</span>
            </li>
          ))}
        </ul>
      </section>
      <div>
        <button type="button" className="button" onClick={onSite}>
          {t.settings.screen.sites.add}
        </button>
      </div>
    </>
  );
}
