import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { addressOf, useLocation } from '../../stores/location.ts';
import { ArrowKeys } from '../../ui/arrow-keys.tsx';

/** A part of the settings: what stands in the address for it, and what it is called. */
export interface Part {
  readonly id: string;
  readonly title: string;
}

/** What the parts of the settings are; the one that is being read is marked. One that is chosen is where the keyboard goes on. */
export function SettingsIndex({ parts }: { parts: readonly Part[] }): ReactElement {
  const { t } = useText();
  const index = useRef<HTMLElement>(null);
  const place = useLocation().join('/');
  const [current, setCurrent] = useState(parts[0]?.id);
  const chosen = useRef<Chosen>(undefined);
  const ids = parts.map(({ id }) => id).join(' ');
  const named = parts.find(({ id }) => place === placeOf(id))?.id;

  useEffect(() => {
    const scroller = index.current?.closest('main');
    if (!scroller) return undefined;
    if (named !== undefined) chosen.current = show(scroller, named);
    const look = (): void => setCurrent(chosen.current?.id ?? readIn(scroller, ids.split(' ')));
    const scrolled = (): void => {
      // One near the end may not come to the top: it is still the one that was chosen.
      if (chosen.current?.at !== scroller.scrollTop) chosen.current = undefined;
      look();
    };
    // What stands above the chosen one may be told later than it.
    const sizes = new ResizeObserver(() => {
      if (chosen.current) chosen.current = show(scroller, chosen.current.id);
      look();
    });
    for (const id of ids.split(' ')) {
      const part = partOf(id);
      if (part) sizes.observe(part);
    }
    scroller.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      sizes.disconnect();
      scroller.removeEventListener('scroll', scrolled);
    };
  }, [ids, named]);
  useEffect(() => {
    const row = index.current;
    const marked = row?.querySelector<HTMLElement>('[aria-current]');
    // Above the parts it may be longer than the window is wide.
    if (row && marked) row.scrollTo({ left: marked.offsetLeft - (row.clientWidth - marked.offsetWidth) / 2 });
  }, [current]);

  const choose = (id: string): void => {
    const scroller = index.current?.closest('main');
    if (!scroller) return;
    partOf(id)?.focus({ preventScroll: true });
    chosen.current = show(scroller, id);
    setCurrent(id);
  };
  return (
    <ArrowKeys selector="a" layout="row">
      <nav ref={index} className="settings-index" aria-label={t.settings.index}>
        {parts.map(({ id, title }) => (
          <a
            key={id}
            href={addressOf('settings', id)}
            aria-current={id === current ? 'location' : undefined}
            onClick={() => choose(id)}
          >
            {title}
          </a>
        ))}
      </nav>
    </ArrowKeys>
  );
}

/** Where the index, and an address, leads to. */
export function SettingsPart({ id, children }: { id: string; children: ReactNode }): ReactElement {
  return (
    <div id={placeOf(id)} className="settings-part" tabIndex={-1}>
      {children}
    </div>
  );
}

/** At which place the page stood when it was shown: who scrolls on reads something else. */
interface Chosen {
  readonly id: string;
  readonly at: number;
}

function show(scroller: HTMLElement, id: string): Chosen {
  partOf(id)?.scrollIntoView();
  return { id, at: scroller.scrollTop };
}

function placeOf(id: string): string {
  return `settings/${id}`;
}

function partOf(id: string): HTMLElement | null {
  return document.getElementById(placeOf(id));
}

/** The part at the line that goes from the top of the window to its bottom while the page does: each is at it once. */
function readIn(scroller: HTMLElement, ids: readonly string[]): string | undefined {
  const { top, height } = scroller.getBoundingClientRect();
  const way = scroller.scrollHeight - scroller.clientHeight;
  const line = top + 1 + (way === 0 ? 0 : (scroller.scrollTop / way) * height);
  return ids.findLast((id, index) => index === 0 || (partOf(id)?.getBoundingClientRect().top ?? Infinity) <= line);
}
