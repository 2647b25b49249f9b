import { type KeyboardEvent, type ReactElement, useDeferredValue, useEffect, useId, useMemo, useState } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { useUi } from '../../stores/ui-store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { type Over, useActions } from './actions.ts';
import type { Command } from './command.ts';
import { useElsewhere } from './elsewhere.ts';
import { markedParts } from './match.ts';
import { useChoices, usePlaces } from './places.ts';
import { type Found, rank } from './rank.ts';

interface Props {
  status: Status;
  open: (over: Over) => void;
  onClose: () => void;
}

/** Everything that has a name, to go to or to do, found by typing a part of it. */
export function Palette({ status, open, onClose }: Props): ReactElement {
  const { t } = useText();
  const listId = useId();
  const { recent, remember } = useUi();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const own = [...useActions(status, open), ...usePlaces(status), ...useChoices(status)];
  const elsewhere = useElsewhere(status, useDeferredValue(typed));
  const found = typed.trim() === '' ? rank(own, '', recent) : rank([...own, ...elsewhere.found], typed, recent);
  const at = Math.min(chosen, found.length - 1);
  const kinds = t.palette.kinds;

  useEffect(() => {
    document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [listId, at]);

  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    remember(command.id);
    onClose();
    command.run();
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || found.length === 0) return;
    event.preventDefault();
    setChosen((at + step + found.length) % found.length);
  };
  return (
    <Dialog title={t.palette.title} onClose={onClose}>
      <form
        className="palette"
        onSubmit={(event) => {
          event.preventDefault();
          run(found[at]?.command);
        }}
      >
        <input
          className="search"
          role="combobox"
          aria-label={t.palette.placeholder}
          placeholder={t.palette.placeholder}
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={found.length === 0 ? undefined : `${listId}-${at}`}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onKeyDown={press}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(0);
          }}
        />
        <div
          className="palette-list"
          id={listId}
          role="listbox"
          aria-label={t.palette.title}
          aria-busy={elsewhere.isLooking}
        >
          {found.map((each, index) => (
            <button
              key={each.command.id}
              id={`${listId}-${index}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              onPointerMove={() => setChosen(index)}
              onClick={() => run(each.command)}
            >
              <Name found={each} />
              <span className="palette-kind">
                {each.command.keys === undefined ? kinds[each.command.kind] : <kbd>{each.command.keys}</kbd>}
              </span>
            </button>
          ))}
        </div>
        {found.length === 0 && (
          <output className="dim">{elsewhere.isLooking ? t.palette.looking : t.palette.nothing}</output>
        )}
      </form>
    </Dialog>
  );
}

/** With the letters marked that were meant. */
function Name({ found: { command, marks } }: { found: Found }): ReactElement {
  const parts = useMemo(() => markedParts(command.name, marks), [command.name, marks]);
  return (
    <span className={command.kind === 'path' ? 'palette-name mono' : 'palette-name'} title={command.name}>
      {parts.map(({ text, marked }, index) =>
        // oxlint-disable-next-line react/no-array-index-key -- the parts of one text have no other names
        marked ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
      )}
    </span>
  );
}
