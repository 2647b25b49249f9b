import {
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useText } from '../../i18n/use-text.ts';
import { ROW_HEIGHT, useLongList } from '../../ui/use-long-list.ts';
import { useNow } from '../../ui/use-now.ts';
import { moveOf, typedAhead } from './tree-keys.ts';
import { TreeLine } from './tree-line.tsx';
import type { Line, TreeModel } from './tree-model.ts';

/** Letters that follow one another within this time are one name. */
const TYPING_MILLIS = 800;

interface Props {
  model: TreeModel;
  lines: readonly Line[];
  role: 'master' | 'mirror';
  selected: string | undefined;
  onSelect: (path: string | undefined) => void;
  /** A path to bring into view. */
  revealed: string | undefined;
  onSearch: () => void;
}

/** The lines, as many as fit. The keys move a cursor, open and shut folders, and show a file. */
export function TreeGrid({ model, lines, role, selected, onSelect, revealed, onSearch }: Props): ReactElement {
  const { t } = useText();
  const [cursor, setCursor] = useState(revealed);
  const [wasRevealed, setWasRevealed] = useState(revealed);
  if (revealed !== wasRevealed) {
    setWasRevealed(revealed);
    if (revealed !== undefined) setCursor(revealed);
  }
  const typed = useRef({ text: '', at: 0 });
  const now = useNow(60_000);
  const scroller = useRef<HTMLDivElement>(null);
  const { items, first, last, height, reveal, page } = useLongList(
    scroller,
    lines.length,
    (index) => lines[index]?.key,
  );
  const isWhole = useMemo(() => lines.every((line) => line.is !== 'more'), [lines]);
  useInPlace(scroller, lines);
  useEffect(() => model.see(first, last), [model, lines, first, last]);

  const active = cursor ?? selected;
  const go = (index: number): void => {
    const line = lines[index];
    if (line === undefined) return;
    setCursor(line.key);
    reveal(index);
    if (selected !== undefined && line.is === 'row' && line.row.kind === 'file') onSelect(line.row.path);
  };
  useEffect(() => {
    if (revealed === undefined) return;
    const index = lines.findIndex(({ key }) => key === revealed);
    if (index >= 0) reveal(index, 'center');
  }, [revealed]); // oxlint-disable-line react/exhaustive-deps -- once for each path that is to be seen, not whenever a line changes

  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = lines.findIndex(({ key }) => key === active);
    const isTyping = event.timeStamp - typed.current.at < TYPING_MILLIS && typed.current.text !== '';
    const move = event.key === ' ' && isTyping ? undefined : moveOf(event.key, lines, at, page());
    if (move?.do === 'go') go(move.to);
    else if (move?.do === 'show') onSelect(move.path);
    else if (move) model.toggle(move.path, move.do === 'open');
    else if (event.key === '/') onSearch();
    else if (event.key === 'Escape' && selected !== undefined) onSelect(undefined);
    else if (event.key.length === 1) {
      typed.current = { text: isTyping ? typed.current.text + event.key : event.key, at: event.timeStamp };
      const found = typedAhead(typed.current.text, lines, at);
      if (found !== undefined) go(found);
    } else return;
    event.preventDefault();
  };

  const choose = useCallback(
    (line: Line): void => {
      setCursor(line.key);
      if (line.is !== 'row') return model.more(line.folder);
      if (line.isOpen === undefined) onSelect(line.row.path === selected ? undefined : line.row.path);
      else model.toggle(line.row.path);
    },
    [model, onSelect, selected],
  );
  return (
    <section className="panel long-list">
      <TreeHead />
      <div
        ref={scroller}
        className="long-rows"
        role="treegrid"
        tabIndex={0}
        aria-label={t.site.gridLabel}
        aria-rowcount={isWhole ? lines.length : -1}
        aria-activedescendant={active === undefined ? undefined : domId(active)}
        onKeyDown={press}
      >
        <div role="rowgroup" style={{ height, position: 'relative' }}>
          {items.map(({ index, key, start }) => {
            const line = lines[index];
            return (
              line !== undefined && (
                <TreeLine
                  key={key}
                  domId={domId(line.key)}
                  line={line}
                  index={index}
                  top={start}
                  role={role}
                  now={now}
                  isFound={model.wanted !== undefined}
                  isCursor={line.key === active}
                  isShown={line.key === selected}
                  onChoose={choose}
                />
              )
            );
          })}
        </div>
      </div>
    </section>
  );
}

function TreeHead(): ReactElement {
  const { t } = useText();
  return (
    <div className="long-line long-names tree-line" aria-hidden="true">
      <span>{t.site.name}</span>
      <span className="long-size">{t.site.size}</span>
      <span>{t.site.time}</span>
      <span>{t.site.state}</span>
    </div>
  );
}

/** What the person reads stays where it is while lines come and go above it. */
function useInPlace(scroller: RefObject<HTMLElement | null>, lines: readonly Line[]): void {
  const top = useRef<{ key: string; index: number }>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = top.current;
    if (element === null) return undefined;
    if (before !== undefined && element.scrollTop >= ROW_HEIGHT) {
      const index = lines.findIndex(({ key }) => key === before.key);
      if (index >= 0 && index !== before.index) element.scrollBy(0, (index - before.index) * ROW_HEIGHT);
    }
    const note = (): void => {
      const index = Math.floor(element.scrollTop / ROW_HEIGHT);
      const line = lines[index];
      top.current = line && { key: line.key, index };
    };
    note();
    element.addEventListener('scroll', note, { passive: true });
    return () => element.removeEventListener('scroll', note);
  }, [scroller, lines]);
}

function domId(key: string): string {
  return `tree-${key}`;
}
