import { type ReactElement, useRef, useState } from 'react';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { Refused } from '../../ui/refused.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';
import type { Site } from '../overview/peer-state.ts';
import { hasRest, moved, REST, type Route, type RouteRow, routesOf, rowsOf, withRoute } from './route-draft.ts';
import { RouteEffect } from './route-effect.tsx';
import { RouteTester } from './route-tester.tsx';

/** Who gets which paths, in the order in which it is decided. */
export function Routes({ site }: { site: Site }): ReactElement {
  const { t } = useText();
  const { answer, again } = useCall('route.list', { site: site.name });
  return (
    <section className="panel" aria-labelledby="routes-title">
      <div className="panel-head">
        <h2 id="routes-title">{t.mirrors.screen.routes}</h2>
      </div>
      <p className="panel-note dim">{t.mirrors.screen.routesExplain}</p>
      <Asked answer={answer}>{(routes) => <Editor routes={routes} site={site} onSaved={again} />}</Asked>
      <RouteTester site={site.name} />
    </section>
  );
}

/** Changes are gathered, and come into force together: half of them could send a path to the wrong place. */
function Editor({
  routes,
  site,
  onSaved,
}: {
  routes: readonly Route[];
  site: Site;
  onSaved: () => void;
}): ReactElement {
  const { t } = useText();
  const texts = t.mirrors.screen;
  const bridge = useBridge();
  const [draft, setDraft] = useState<readonly RouteRow[]>();
  const rows = draft ?? rowsOf(routes);
  const shown = routesOf(rows);
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<number>();
  const save = useTask(async () => {
    await bridge.call('route.set', { site: site.name, routes: shown });
    setDraft(undefined);
    onSaved();
  });
  const names = mirrorNames(site, shown);
  const put = (id: number, route: Route): void => setDraft(rows.map((row) => (row.id === id ? { id, route } : row)));
  const move = (id: number, to: number): void => {
    // The focus goes along, also where the moved row is taken out of the page for a moment.
    const focused = document.activeElement;
    setDraft(moved(rows, id, to));
    requestAnimationFrame(() => {
      if (focused instanceof HTMLElement && list.current?.contains(focused)) focused.focus();
    });
  };
  const isComplete = shown.every(({ glob }) => glob !== '');
  const isChanged = JSON.stringify(shown) !== JSON.stringify(routes);
  return (
    <form
      className="routes"
      onSubmit={(event) => {
        event.preventDefault();
        save.run();
      }}
    >
      <ol ref={list}>
        {rows.map(({ id, route }, at) => (
          <li key={id}>
            <div
              role="presentation"
              className={dragged === id ? 'route dragged' : 'route'}
              onDragOver={(event) => {
                if (dragged === undefined) return;
                event.preventDefault();
                if (dragged !== id) setDraft(moved(rows, dragged, at));
              }}
              onDrop={(event) => event.preventDefault()}
            >
              <Grip
                label={t.routes.drag(route.glob)}
                place={at + 1}
                onStart={() => setDragged(id)}
                onEnd={() => setDragged(undefined)}
              />
              <input
                className="mono"
                aria-label={texts.glob}
                aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                value={route.glob}
                required
                maxLength={1024}
                placeholder={texts.globHint}
                spellCheck={false}
                onChange={(event) => put(id, { ...route, glob: event.target.value })}
                onKeyDown={(event) => {
                  const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
                  if (by === undefined) return;
                  event.preventDefault();
                  move(id, at + by);
                }}
              />
              <span aria-hidden="true" className="dim">
                →
              </span>
              <Who route={route} names={names} onChange={(mirrors) => put(id, { ...route, mirrors })} />
              <span className="route-tools">
                <Tool label={texts.up(route.glob)} sign="↑" disabled={at === 0} onClick={() => move(id, at - 1)} />
                <Tool
                  label={texts.down(route.glob)}
                  sign="↓"
                  disabled={at === rows.length - 1}
                  onClick={() => move(id, at + 1)}
                />
                <Tool
                  label={texts.take(route.glob)}
                  sign="✕"
                  onClick={() => setDraft(rows.filter((row) => row.id !== id))}
                />
              </span>
            </div>
          </li>
        ))}
      </ol>
      {!hasRest(shown) && <p className="dim routes-rest">{shown.length === 0 ? texts.noRoutes : texts.rest}</p>}
      {isChanged && isComplete && (
        <RouteEffect site={site.name} routes={shown} onKeep={() => setDraft(withRoute(rows, REST))} />
      )}
      <div className="routes-actions">
        <button
          type="button"
          className="button"
          onClick={() => setDraft(withRoute(rows, { glob: '', mirrors: 'all' }))}
        >
          {texts.addRoute}
        </button>
        {draft !== undefined && (
          <>
            <span className="routes-unsaved">{isComplete ? texts.unsaved : texts.noGlob}</span>
            <button type="button" className="button" onClick={() => setDraft(undefined)}>
              {texts.discard}
            </button>
            <button type="submit" className="button primary" disabled={save.busy || !isComplete}>
              {texts.save}
            </button>
          </>
        )}
      </div>
      <Refused error={save.refusal} />
    </form>
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
      disabled={disabled}
      onClick={onClick}
    >
      {sign}
    </button>
  );
}

/** Those that are paired, and those that a route names beforehand. */
function mirrorNames(site: Site, routes: readonly Route[]): string[] {
  const named = routes.flatMap(({ mirrors }) => (mirrors === 'all' ? [] : mirrors));
  return [...new Set([...site.peers.map(({ name }) => name), ...named])];
}
