import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactElement, useEffect, useRef } from 'react';
import type { LogLine } from '../../../shared/contract/log.ts';
import { useText } from '../../i18n/use-text.ts';
import { useNow } from '../../ui/use-now.ts';
import type { SayLine } from './log-filter.ts';

const ROW_HEIGHT = 28;
const OVERSCAN = 12;

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
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const now = useNow(60_000);
  // oxlint-disable-next-line react/incompatible-library -- it tells React itself when it has moved; there is no compiler here
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    getItemKey: (index) => lines[index]?.id ?? index,
  });
  const last = lines.at(-1)?.id;
  useEffect(() => {
    if (isAtEnd.current && !isPaused && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [last, lines.length, isPaused]); // oxlint-disable-line react/exhaustive-deps -- what was added is the reason, not a new virtualizer
  const press = (event: KeyboardEvent): void => {
    const at = lines.findIndex(({ id }) => id === selected);
    const next =
      event.key === 'ArrowDown'
        ? at + 1
        : event.key === 'ArrowUp'
          ? (at < 0 ? lines.length : at) - 1
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? lines.length - 1
              : undefined;
    const line = next === undefined ? undefined : lines[next];
    if (next !== undefined && line !== undefined) {
      isAtEnd.current = next === lines.length - 1;
      onSelect(line.id);
      virtual.scrollToIndex(next);
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
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
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
                  <time className="number dim" dateTime={new Date(line.at).toISOString()} title={format.exact(line.at)}>
                    {format.clock(line.at, now)}
                  </time>
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
