import { type ReactElement, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { outcomes } from '../../../shared/domain/outcome.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useLocation } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { useEngine } from '../../stores/engine-store.ts';
import type { Site } from '../../stores/peer-state.ts';
import { NoSite } from '../../ui/no-site.tsx';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { Export } from './export.tsx';
import { noQuestion, type Question, toFilter } from './filter.ts';
import { Filters } from './filters.tsx';
import { type HistoryFilter, HistoryPages, type HistoryView } from './history-pages.ts';
import { HistoryGrid } from './history-grid.tsx';
import { TransferPanel } from './transfer-panel.tsx';
import './history.css';

/** Every change, and its way to each mirror. `#/history/MIRROR/STATE/PATH` shows these only; `-` is any. */
export function History({ status }: { status: Status }): ReactElement {
  const { t } = useText();
  const site = useSelectedSite(status);
  const [, mirror = '-', outcome, path = ''] = useLocation();
  const peer = mirror === '-' ? '' : mirror;
  if (site === undefined) return <NoSite title={t.nav.screens.history} />;
  const first = { ...noQuestion, path, peer, outcome: outcomes.find((each) => each === outcome) ?? '' } as const;
  return <HistoryOf key={`${site.name} ${peer} ${first.outcome} ${path}`} first={first} site={site} status={status} />;
}

function HistoryOf({ first, site, status }: { first: Question; site: Site; status: Status }): ReactElement {
  const { t, format } = useText();
  // "The last hour" is that before the moment at which it was chosen.
  const [{ question, now }, setAsked] = useState({ question: first, now: 0 });
  const [selected, setSelected] = useState<string>();
  const { filter, problem } = useMemo(() => toFilter(question, site.name, now), [question, site.name, now]);
  const { pages, view, isLooking } = useHistory(filter);
  const row = view.rows.find(({ id }) => id === selected);
  const mirrors = status.node.role === 'master' ? site.peers.map(({ name }) => name) : [];
  const { about, rows, is } = view;
  const { exactly, about: roughly } = t.history.screen;
  // All of it has been read: then it is known how many there are.
  const total =
    is === 'end'
      ? exactly(format.number(rows.length), rows.length)
      : about === undefined
        ? undefined
        : roughly(format.number(about));
  const isFiltered = JSON.stringify(question) !== JSON.stringify(noQuestion);
  return (
    <div className="page lists">
      <header className="history-head">
        <h1 className="headline">{t.history.screen.title}</h1>
        <p className="facts">{total !== undefined && <span>{total}</span>}</p>
        <Export filter={filter} site={site.name} />
      </header>
      <Filters
        question={question}
        mirrors={mirrors}
        problem={problem}
        onChange={(change) => setAsked({ question: { ...question, ...change }, now: Date.now() })}
        onClear={isFiltered ? () => setAsked({ question: noQuestion, now }) : undefined}
      />
      <div className={row === undefined ? 'list-body' : 'list-body with-panel'} aria-busy={isLooking}>
        <HistoryGrid
          pages={pages}
          view={view}
          role={status.node.role}
          isFiltered={isFiltered}
          selected={selected}
          onSelect={setSelected}
        />
        {row !== undefined && (
          <TransferPanel
            key={row.id}
            row={row}
            waiting={status.waiting}
            atMaster={status.node.role === 'master'}
            onClose={() => setSelected(undefined)}
          />
        )}
      </div>
    </div>
  );
}

const nothing: HistoryView = { rows: [], is: 'asking', error: undefined, about: undefined, lookedBackTo: undefined };

/** While somebody types the engine is not asked for each letter. */
const TYPING_MILLIS = 150;

interface Shown {
  readonly pages: HistoryPages | undefined;
  readonly view: HistoryView;
  /** What is shown is still that of the filter before. */
  readonly isLooking: boolean;
}

/** The pages of one filter; those of the filter before stay on the screen until the new ones have come. */
function useHistory(filter: HistoryFilter): Shown {
  const bridge = useBridge();
  const revision = useEngine((engine) => engine.revision);
  const [pages, setPages] = useState<HistoryPages>();
  useEffect(() => {
    const made = new HistoryPages(bridge, filter);
    const timer = setTimeout(
      () => void made.more().then(() => setPages((before) => (made.isStopped ? before : made))),
      TYPING_MILLIS,
    );
    return () => {
      clearTimeout(timer);
      made.stop();
    };
  }, [bridge, filter]);
  // oxlint-disable-next-line react/exhaustive-deps -- a new revision is the reason to look again
  useEffect(() => pages?.changed(), [pages, revision]);
  const view = useSyncExternalStore(pages?.subscribe ?? never, pages?.view ?? (() => nothing));
  return { pages, view, isLooking: pages?.filter !== filter };
}

function never(): () => void {
  return () => undefined;
}
