import { type ReactElement, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { globProblem } from '../../../shared/domain/glob.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useLocation } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { useEngine } from '../../stores/engine-store.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { siteState, type Site as SiteStatus } from '../../stores/peer-state.ts';
import { NoSite } from '../../ui/no-site.tsx';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { FilePanel } from './file-panel.tsx';
import { TreeGrid } from './tree-grid.tsx';
import { TreeModel, type Wanted } from './tree-model.ts';
import './site.css';

/** The tree of the site and how each file stands. `#/site/FOLDER/FILE` shows that file. */
export function Site({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const site = useSelectedSite(status);
  if (site === undefined) return <NoSite title={t.nav.screens.site} />;
  return <SiteOf key={site.name} site={site} status={status} />;
}

/** While somebody types the engine is not asked for each letter. */
const TYPING_MILLIS = 200;

function SiteOf({ site, status }: { site: SiteStatus; status: Status }): ReactElement {
  const { t, format, patternProblem } = useText();
  const { role } = status.node;
  const [, ...segments] = useLocation();
  const place = segments.join('/');
  const [text, setText] = useState('');
  const [selected, setSelected] = useState(place === '' ? undefined : place);
  const [reached, setReached] = useState(place);
  if (reached !== place) {
    setReached(place);
    if (place !== '') setSelected(place);
  }
  const [revealed, setRevealed] = useState<string>();
  const search = useRef<HTMLInputElement>(null);
  const { wanted, problem } = useMemo(() => wantedOf(text), [text]);
  const model = useTree(site.name, wanted);
  const lines = useSyncExternalStore(model.subscribe, model.lines);
  useEffect(() => {
    if (place === '' || model.wanted !== undefined) return;
    void model.reveal(place).then((isThere) => setRevealed(isThere ? place : undefined));
  }, [model, place]);

  return (
    <div className="page lists">
      <header className="site-head">
        <h1 className="headline">{t.nav.screens.site}</h1>
        <p className="facts">
          <span>{t.facts.files(format.number(site.files), site.files)}</span>
          <span className="mono breakable">{site.root}</span>
        </p>
        {site.peers.length > 0 && (
          <p className="site-standing">
            <StateMark state={siteState(site)} />
            {t.state[siteState(site)]}
          </p>
        )}
      </header>
      <search className="site-search" aria-label={t.site.search}>
        <input
          ref={search}
          type="search"
          className="search mono"
          value={text}
          placeholder={t.site.searchHint}
          aria-label={t.site.search}
          aria-invalid={problem !== undefined}
          title={patternProblem(problem)}
          spellCheck={false}
          autoComplete="off"
          maxLength={255}
          onChange={(event) => setText(event.target.value)}
        />
        {site.peers.length === 0 && role === 'master' && <span className="dim">{t.site.noMirrors}</span>}
      </search>
      <div className={selected === undefined ? 'list-body' : 'list-body with-panel'}>
        <TreeGrid
          key={model.wanted === undefined ? 'tree' : 'found'}
          model={model}
          lines={lines}
          role={role}
          selected={selected}
          revealed={revealed}
          onSelect={setSelected}
          onSearch={() => search.current?.focus()}
        />
        {selected !== undefined && (
          <FilePanel
            key={selected}
            site={site.name}
            path={selected}
            role={role}
            onClose={() => setSelected(undefined)}
          />
        )}
      </div>
    </div>
  );
}

function wantedOf(text: string): { wanted: Wanted | undefined; problem?: ReturnType<typeof globProblem> } {
  const asked = text.trim().replace(/^\/+/, '');
  if (asked === '') return { wanted: undefined };
  if (!/[*?[\]{}]/.test(asked)) return { wanted: { part: asked } };
  const problem = globProblem(asked);
  return problem === undefined ? { wanted: { glob: asked } } : { wanted: undefined, problem };
}

/** The tree stays as it was left while something is looked for. */
function useTree(site: string, wanted: Wanted | undefined): TreeModel {
  const bridge = useBridge();
  const revision = useEngine((engine) => engine.revision);
  const tree = useMemo(() => new TreeModel(bridge, site, undefined), [bridge, site]);
  const [found, setFound] = useState<TreeModel>();
  useEffect(() => () => tree.stop(), [tree]);
  useEffect(() => {
    if (wanted === undefined) return setFound(undefined);
    const made = new TreeModel(bridge, site, wanted);
    const timer = setTimeout(() => setFound(made), TYPING_MILLIS);
    return () => {
      clearTimeout(timer);
      made.stop();
    };
  }, [bridge, site, wanted]);
  const shown = wanted !== undefined && found !== undefined ? found : tree;
  // oxlint-disable-next-line react/exhaustive-deps -- a new revision is the reason to look again
  useEffect(() => shown.changed(), [shown, revision]);
  return shown;
}
