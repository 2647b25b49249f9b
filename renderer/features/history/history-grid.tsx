import {
  type KeyboardEvent,
  type ReactElement,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { nextIndex, ROW_HEIGHT, useLongList } from '../../ui/use-long-list.ts';
import { useNow } from '../../ui/use-now.ts';
import { HistoryLine } from './history-line.tsx';
import type { HistoryPages, HistoryView } from './history-pages.ts';

/** More is asked for before the person gets there. */
const AHEAD = 60;

interface Props {
  pages: HistoryPages | undefined;
  view: HistoryView;
  role: 'master' | 'mirror';
  isFiltered: boolean;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

/** The rows, as many as fit; the keys move a cursor, Enter opens a row, Escape closes it. */
export function HistoryGrid({ pages, view, role, isFiltered, selected, onSelect }: Props): ReactElement {
  const { t, format } = useText();
  const { rows, is } = view;
  const [placed, setPlaced] = useState<{ pages: HistoryPages | undefined; id: string }>();
  // In other pages there is no cursor yet.
  const cursor = placed?.pages === pages ? placed?.id : undefined;
  const now = useNow(60_000);
  const scroller = useRef<HTMLDivElement>(null);
  const { items, first, last, height, reveal, page } = useLongList(scroller, rows.length, (index) => rows[index]?.id);
  const above = useRowsAbove(scroller, rows);

  useEffect(() => {
    pages?.see(first, last);
    if (is === 'more' && last >= rows.length - AHEAD) void pages?.more();
  }, [pages, first, last, rows.length, is]);
  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [pages]);

  const press = (event: KeyboardEvent): void => {
    const at = rows.findIndex(({ id }) => id === (cursor ?? selected));
    const next = nextIndex(event.key, at, rows.length - 1, page());
    const row = next === undefined ? undefined : rows[next];
    if (next !== undefined && row !== undefined) {
      setPlaced({ pages, id: row.id });
      reveal(next);
      if (selected !== undefined) onSelect(row.id);
    } else if ((event.key === 'Enter' || event.key === ' ') && cursor !== undefined) onSelect(cursor);
    else if (event.key === 'Escape' && selected !== undefined) onSelect(undefined);
    else return;
    event.preventDefault();
  };

  const open = useCallback(
    (id: string): void => {
      setPlaced({ pages, id });
      onSelect(id === selected ? undefined : id);
    },
    [pages, onSelect, selected],
  );
  const activeId = cursor ?? selected;
  return (
    <section className="panel long-list">
      <HistoryHead />
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it is a grid as soon as it has rows */}
      <div
        ref={scroller}
        className="long-rows"
        {...(rows.length > 0 && {
          role: 'grid',
          tabIndex: 0,
          'aria-rowcount': is === 'end' ? rows.length : -1,
          'aria-label': t.history.screen.gridLabel,
          'aria-activedescendant': activeId === undefined ? undefined : domId(activeId),
        })}
        aria-busy={is === 'asking'}
        onKeyDown={press}
      >
        <div role={rows.length > 0 ? 'rowgroup' : undefined} style={{ height, position: 'relative' }}>
          {items.map(({ index, key, start }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <HistoryLine
                  key={key}
                  domId={domId(row.id)}
                  now={now}
                  row={row}
                  role={role}
                  index={index}
                  top={start}
                  isCursor={row.id === activeId}
                  isOpen={row.id === selected}
                  onOpen={open}
                />
              )
            );
          })}
        </div>
      </div>
      <Foot view={view} isFiltered={isFiltered} now={now} retry={() => void pages?.more()} />
      {above > 0 && (
        <button type="button" className="button history-new" onClick={() => scroller.current?.scrollTo(0, 0)}>
          {t.history.screen.newOnes(format.number(above), above)}
        </button>
      )}
    </section>
  );
}

function HistoryHead(): ReactElement {
  const { t } = useText();
  const texts = t.history;
  return (
    <div className="long-line long-names history-line" aria-hidden="true">
      <span>{texts.time}</span>
      <span>{texts.change}</span>
      <span>{texts.path}</span>
      <span className="long-size">{texts.size}</span>
      <span>{texts.reached}</span>
    </div>
  );
}

interface FootProps {
  view: HistoryView;
  isFiltered: boolean;
  now: number;
  retry: () => void;
}

/** How far the list goes: never an end that is none. */
function Foot({ view, isFiltered, now, retry }: FootProps): ReactElement {
  const { t, format } = useText();
  const texts = t.history.screen;
  const { is, rows, error, lookedBackTo } = view;
  if (is === 'failed') {
    return (
      <div className="history-foot" role="alert">
        <span>{texts.failedToRead}</span>
        {error !== undefined && <ErrorText error={error} />}
        <button type="button" className="button" onClick={retry}>
          {t.engine.retry}
        </button>
      </div>
    );
  }
  if (is === 'end' && rows.length === 0)
    return <p className="history-foot dim">{isFiltered ? texts.noneFound : texts.noneYet}</p>;
  return (
    <p className="history-foot dim number">
      <span>{texts.shown(format.number(rows.length))}</span>
      {is === 'end' ? (
        <span>{texts.end}</span>
      ) : (
        lookedBackTo !== undefined && <span>{texts.lookedBackTo(format.clock(lookedBackTo, now))}</span>
      )}
      {is === 'asking' && <span>{texts.looking}</span>}
    </p>
  );
}

/** Keeps in place what the person reads while rows come in above; how many have, since the top was last seen. */
function useRowsAbove(scroller: { current: HTMLElement | null }, rows: HistoryView['rows']): number {
  const [above, setAbove] = useState(0);
  const newest = useRef<string>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const added = newest.current === undefined ? -1 : rows.findIndex(({ id }) => id === newest.current);
    newest.current = rows[0]?.id;
    if (element === null) return;
    if (added <= 0 || element.scrollTop < ROW_HEIGHT) return;
    element.scrollBy(0, added * ROW_HEIGHT);
    setAbove((before) => before + added);
  }, [scroller, rows]);
  useEffect(() => {
    const element = scroller.current;
    const atTop = (): void => {
      if (element !== null && element.scrollTop < ROW_HEIGHT) setAbove(0);
    };
    element?.addEventListener('scroll', atTop, { passive: true });
    return () => element?.removeEventListener('scroll', atTop);
  }, [scroller]);
  return above;
}

function domId(id: string): string {
  return `change-${id}`;
}
