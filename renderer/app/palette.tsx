import { type KeyboardEvent, type ReactElement, useEffect, useId, useState } from 'react';
import type { Status } from '../../shared/contract/status.ts';
import { useText } from '../i18n/use-text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { type Command, useCommands } from './commands.ts';

/** Everything that has a name, found by typing a part of it. */
export function Palette({ status, onClose }: { status: Status; onClose: () => void }): ReactElement {
  const { t } = useText();
  const listId = useId();
  const commands = useCommands(status);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = commands.filter(({ name }) => matches(name, typed));
  const at = Math.min(chosen, found.length - 1);

  useEffect(() => {
    document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [listId, at]);

  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
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
          run(found[at]);
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
        <div className="palette-list" id={listId} role="listbox" aria-label={t.palette.title}>
          {found.map((command, index) => (
            <button
              key={command.id}
              id={`${listId}-${index}`}
              type="button"
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              onPointerMove={() => setChosen(index)}
              onClick={() => run(command)}
            >
              {command.name}
            </button>
          ))}
        </div>
        {found.length === 0 && <output className="dim">{t.palette.nothing}</output>}
      </form>
    </Dialog>
  );
}

/** Each word that was typed begins a word of the name, or stands in it where a language has no spaces. */
function matches(name: string, typed: string): boolean {
  const text = name.normalize('NFKC').toLowerCase();
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
