import { type ReactElement, useRef, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { Refused } from '../../ui/refused.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';
import type { Site } from '../../stores/peer-state.ts';
import { hasRest, moved, REST, type Route, type RouteRow, routesOf, rowsOf, withRoute } from './route-draft.ts';
import { RouteEffect } from './route-effect.tsx';
import { RouteLine } from './route-line.tsx';
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
            <RouteLine
              route={route}
              names={names}
              at={at}
              count={rows.length}
              isDragged={dragged === id}
              onChange={(changed) => put(id, changed)}
              onMove={(to) => move(id, to)}
              onTake={() => setDraft(rows.filter((row) => row.id !== id))}
              onDrag={(on) => setDragged(on ? id : undefined)}
              onDragOver={() => {
                if (dragged !== undefined && dragged !== id) setDraft(moved(rows, dragged, at));
                return dragged !== undefined;
              }}
            />
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

/** Those that are paired, and those that a route names beforehand. */
function mirrorNames(site: Site, routes: readonly Route[]): string[] {
  const named = routes.flatMap(({ mirrors }) => (mirrors === 'all' ? [] : mirrors));
  return [...new Set([...site.peers.map(({ name }) => name), ...named])];
}
