import { useVirtualizer } from '@tanstack/react-virtual';
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
import { useNow } from '../../ui/use-now.ts';
import { HistoryLine } from './history-line.tsx';
import type { HistoryPages, HistoryView } from './history-pages.ts';

const ROW_HEIGHT = 28;
const OVERSCAN = 12;
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
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<string>();
  const now = useNow(60_000);
  // oxlint-disable-next-line react/incompatible-library -- it tells React itself when it has moved; there is no compiler here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  const above = useRowsAbove(scroller, rows);

  useEffect(() => {
    pages?.see(first, last);
    if (is === 'more' && last >= rows.length - AHEAD) void pages?.more();
  }, [pages, first, last, rows.length, is]);
  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
    setCursor(undefined);
  }, [pages]);

  const press = (event: KeyboardEvent): void => {
    const at = rows.findIndex(({ id }) => id === (cursor ?? selected));
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const next = nextIndex(event.key, at, rows.length - 1, page);
    const row = next === undefined ? undefined : rows[next];
    if (next !== undefined && row !== undefined) {
      setCursor(row.id);
      virtual.scrollToIndex(next);
      if (selected !== undefined) onSelect(row.id);
    } else if ((event.key === 'Enter' || event.key === ' ') && cursor !== undefined) onSelect(cursor);
    else if (event.key === 'Escape' && selected !== undefined) onSelect(undefined);
    else return;
    event.preventDefault();
  };

  const open = useCallback(
    (id: string): void => {
      setCursor(id);
      onSelect(id === selected ? undefined : id);
    },
    [onSelect, selected],
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
        <div
          role={rows.length > 0 ? 'rowgroup' : undefined}
          style={{ height: virtual.getTotalSize(), position: 'relative' }}
        >
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

function nextIndex(key: string, at: number, last: number, page: number): number | undefined {
  const within = (index: number): number => Math.min(last, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return within(at + page);
    case 'PageUp':
      return within(at - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

function domId(id: string): string {
  return `change-${id}`;
}
