import type { ReactElement } from 'react';
import { ArrowKeys } from './arrow-keys.tsx';

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly name: string;
  readonly href: string;
  /** Where a person is needed there: how often, and in words. */
  readonly needed?: { readonly count: number; readonly words: string } | undefined;
}

/** Places within a screen. They are links: each has an address of its own. */
export function Tabs<Id extends string>({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: readonly Tab<Id>[];
  current: Id;
}): ReactElement {
  return (
    <ArrowKeys selector="a" layout="row">
      <nav className="tabs" aria-label={label}>
        {tabs.map(({ id, name, href, needed }) => (
          <a key={id} className="tab" href={href} aria-current={id === current ? 'page' : undefined}>
            {name}
            {needed !== undefined && needed.count > 0 && <Badge {...needed} />}
          </a>
        ))}
      </nav>
    </ArrowKeys>
  );
}

export function Badge({ count, words }: { count: number; words: string }): ReactElement {
  return (
    <span className="badge" title={`${count} ${words}`}>
      {count}
      <span className="visually-hidden"> {words}</span>
    </span>
  );
}
