import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import type { Route } from './route-draft.ts';

interface Props {
  route: Route;
  /** Mirrors that can be chosen. */
  names: readonly string[];
  /** Its place, from 0, of so many. */
  at: number;
  count: number;
  isDragged: boolean;
  onChange: (route: Route) => void;
  onMove: (to: number) => void;
  onTake: () => void;
  onDrag: (on: boolean) => void;
  /** Something is dragged over it. True: it is a route. */
  onDragOver: () => boolean;
}

/** One route that is being edited: its pattern, who gets what fits, and its place among the others. */
export function RouteLine(props: Props): ReactElement {
  const { route, names, at, count, isDragged, onChange, onMove, onTake, onDrag, onDragOver } = props;
  const { t } = useText();
  const texts = t.mirrors.screen;
  return (
    <div
      role="presentation"
      className={isDragged ? 'route dragged' : 'route'}
      onDragOver={(event) => {
        if (onDragOver()) event.preventDefault();
      }}
      onDrop={(event) => event.preventDefault()}
    >
      <Grip label={t.routes.drag(route.glob)} place={at + 1} onStart={() => onDrag(true)} onEnd={() => onDrag(false)} />
      <input
        className="mono"
        aria-label={texts.glob}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        value={route.glob}
        required
        maxLength={1024}
        placeholder={texts.globHint}
        spellCheck={false}
        onChange={(event) => onChange({ ...route, glob: event.target.value })}
        onKeyDown={(event) => {
          const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
          if (by === undefined) return;
          event.preventDefault();
          onMove(at + by);
        }}
      />
      <span aria-hidden="true" className="dim">
        →
      </span>
      <Who route={route} names={names} onChange={(mirrors) => onChange({ ...route, mirrors })} />
      <span className="route-tools">
        <Tool label={texts.up(route.glob)} sign="↑" disabled={at === 0} onClick={() => onMove(at - 1)} />
        <Tool label={texts.down(route.glob)} sign="↓" disabled={at === count - 1} onClick={() => onMove(at + 1)} />
        <Tool label={texts.take(route.glob)} sign="✕" onClick={onTake} />
      </span>
    </div>
  );
}

interface GripProps {
  label: string;
  place: number;
  onStart: () => void;
  onEnd: () => void;
}

/** What a row is dragged by. The keyboard has the arrows. */
function Grip({ label, place, onStart, onEnd }: GripProps): ReactElement {
  return (
    <span
      className="number dim route-grip"
      title={label}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        // Firefox begins no drag without data; it is nothing that a drop elsewhere could use.
        event.dataTransfer.setData('text/x-lockstep-route', '');
        onStart();
      }}
      onDragEnd={onEnd}
    >
      {place}
    </span>
  );
}

interface WhoProps {
  route: Route;
  names: readonly string[];
  onChange: (mirrors: Route['mirrors']) => void;
}

function Who({ route, names, onChange }: WhoProps): ReactElement {
  const { t } = useText();
  const { mirrors } = route;
  return (
    <fieldset className="route-who" aria-label={t.mirrors.screen.goesTo}>
      <Toggle name={t.mirrors.screen.everyMirror} on={mirrors === 'all'} onChange={(on) => onChange(on ? 'all' : [])} />
      {names.map((name) => (
        <Toggle
          key={name}
          name={name}
          on={mirrors !== 'all' && mirrors.includes(name)}
          onChange={(on) => {
            const others = mirrors === 'all' ? [] : mirrors.filter((each) => each !== name);
            onChange(on ? [...others, name] : others);
          }}
        />
      ))}
      <Toggle name={t.mirrors.screen.noMirror} on={mirrors.length === 0} onChange={(on) => onChange(on ? [] : 'all')} />
    </fieldset>
  );
}

function Toggle({ name, on, onChange }: { name: string; on: boolean; onChange: (on: boolean) => void }): ReactElement {
  return (
    <button type="button" className="route-toggle" aria-pressed={on} onClick={() => onChange(!on)}>
      {name}
    </button>
  );
}

interface ToolProps {
  label: string;
  sign: string;
  disabled?: boolean;
  onClick: () => void;
}

function Tool({ label, sign, disabled = false, onClick }: ToolProps): ReactElement {
  return (
    <button
      type="button"
      className="button quiet small"
      aria-label={label}
      title={label}
      // Not `disabled`: where a route has come to the end of its way, the keyboard is still at this button.
      aria-disabled={disabled}
      onClick={disabled ? undefined : onClick}
    >
      {sign}
    </button>
  );
}
