import type { KeyboardEvent, ReactElement, ReactNode } from 'react';

const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
const sideways = ['ArrowLeft', 'ArrowRight'];

interface Props {
  /** What the focus moves among. */
  selector: string;
  /** Left and right count in a `row` only: elsewhere they may scroll. */
  layout?: 'column' | 'row';
  children: ReactNode;
}

/** A list within which the arrows, Home and End move the focus. What is typed into a field stays there. */
export function ArrowKeys({ selector, layout = 'column', children }: Props): ReactElement {
  return (
    <div role="presentation" onKeyDown={(event) => moveFocus(event, selector, layout)}>
      {children}
    </div>
  );
}

function moveFocus(event: KeyboardEvent<HTMLElement>, selector: string, layout: 'column' | 'row'): void {
  const { target, currentTarget, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement) || isField(target)) return;
  if (layout === 'column' && sideways.includes(key)) return;
  const items = [...currentTarget.querySelectorAll<HTMLElement>(selector)];
  const at = items.findIndex((item) => item.contains(target));
  const step = steps[key];
  const next = key === 'Home' ? items[0] : key === 'End' ? items.at(-1) : step && items[Math.max(0, at + step)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

function isField(element: HTMLElement): boolean {
  return element.matches('input, select, textarea, [contenteditable]');
}
