import { type KeyboardEvent, type ReactElement, useEffect, useRef } from 'react';
import type { LogLine } from '../../../shared/contract/log.ts';
import { useText } from '../../i18n/use-text.ts';
import { nextIndex, ROW_HEIGHT, useLongList } from '../../ui/use-long-list.ts';
import { useNow } from '../../ui/use-now.ts';
import { Moment } from '../../ui/time.tsx';
import type { SayLine } from './log-filter.ts';

interface Props {
  lines: readonly LogLine[];
  say: SayLine;
  isPaused: boolean;
  empty: string;
  selected: number | undefined;
  onSelect: (id: number | undefined) => void;
}

/** The lines, the newest at the end, which stays in view until somebody scrolls away from it. */
export function LogList({ lines, say, isPaused, empty, selected, onSelect }: Props): ReactElement {
  const { t, format } = useText();
  const isAtEnd = useRef(true);
  const now = useNow(60_000);
  const scroller = useRef<HTMLDivElement>(null);
  const { items, height, reveal, page } = useLongList(scroller, lines.length, (index) => lines[index]?.id);
  const last = lines.at(-1)?.id;
  useEffect(() => {
    if (isAtEnd.current && !isPaused && lines.length > 0) reveal(lines.length - 1, 'end');
  }, [last, lines.length, isPaused]); // oxlint-disable-line react/exhaustive-deps -- what was added is the reason, not a new virtualizer
  const press = (event: KeyboardEvent): void => {
    const at = lines.findIndex(({ id }) => id === selected);
    // The newest are at the end: the way up begins there.
    const from = at < 0 && event.key.endsWith('Up') ? lines.length : at;
    const next = nextIndex(event.key, from, lines.length - 1, page());
    const line = next === undefined ? undefined : lines[next];
    if (next !== undefined && line !== undefined) {
      isAtEnd.current = next === lines.length - 1;
      onSelect(line.id);
      reveal(next);
    } else if (event.key === 'Escape' && selected !== undefined) onSelect(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <section className="panel long-list">
      {lines.length === 0 && <p className="dim log-empty">{empty}</p>}
      <div
        ref={scroller}
        className="long-rows"
        role="listbox"
        tabIndex={0}
        aria-label={t.log.listLabel}
        aria-activedescendant={selected === undefined ? undefined : `log-${selected}`}
        onKeyDown={press}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          isAtEnd.current = scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT;
        }}
      >
        <div role="presentation" style={{ height, position: 'relative' }}>
          {items.map(({ index, key, start }) => {
            const line = lines[index];
            return (
              line !== undefined && (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the list around it has the keys
                <div
                  key={key}
                  id={`log-${line.id}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={line.id === selected}
                  aria-posinset={index + 1}
                  aria-setsize={lines.length}
                  className={`long-line log-line log-${line.level}${line.id === selected ? ' cursor open' : ''}`}
                  style={{ transform: `translateY(${start}px)` }}
                  onClick={() => onSelect(line.id === selected ? undefined : line.id)}
                >
                  <Moment at={line.at} className="number dim">
                    {format.clock(line.at, now)}
                  </Moment>
                  <span className="log-level">{t.log.levels[line.level]}</span>
                  <span className="log-text">{say(line)}</span>
                </div>
              )
            );
          })}
        </div>
      </div>
    </section>
  );
}
