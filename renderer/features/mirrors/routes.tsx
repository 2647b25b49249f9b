import { type ReactElement, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import { useBridge } from '../../app/bridge-context.ts';
import { useText } from '../../i18n/use-text.ts';
import { Asked } from '../../ui/asked.tsx';
import { ErrorText } from '../../ui/error-text.tsx';
import { useCall } from '../../ui/use-call.ts';
import { useTask } from '../../ui/use-task.ts';
import type { Site } from '../overview/peer-state.ts';
import { RouteTester } from './route-tester.tsx';

type Route = CallResult<'route.list'>[number];

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
  const [draft, setDraft] = useState<readonly Route[]>();
  const shown = draft ?? routes;
  const save = useTask(async () => {
    await bridge.call('route.set', { site: site.name, routes: shown.map((route) => ({ ...route })) });
    setDraft(undefined);
    onSaved();
  });
  const names = mirrorNames(site, shown);
  const put = (at: number, route: Route): void => setDraft(shown.with(at, route));
  const move = (at: number, by: number): void => {
    const route = shown[at];
    if (route) setDraft(shown.toSpliced(at, 1).toSpliced(at + by, 0, route));
  };
  const isComplete = shown.every(({ glob, mirrors }) => glob !== '' && mirrors.length > 0);
  return (
    <form
      className="routes"
      onSubmit={(event) => {
        event.preventDefault();
        save.run();
      }}
    >
      <ol>
        {shown.map((route, at) => (
          // Routes have no name but their place.
          <li key={at} className="route">
            <span className="number dim">{at + 1}</span>
            <input
              className="mono"
              aria-label={texts.glob}
              value={route.glob}
              required
              maxLength={1024}
              placeholder={texts.globHint}
              spellCheck={false}
              onChange={(event) => put(at, { ...route, glob: event.target.value })}
            />
            <span aria-hidden="true" className="dim">
              →
            </span>
            <Who route={route} names={names} onChange={(mirrors) => put(at, { ...route, mirrors })} />
            <span className="route-tools">
              <Tool label={texts.up(route.glob)} sign="↑" disabled={at === 0} onClick={() => move(at, -1)} />
              <Tool
                label={texts.down(route.glob)}
                sign="↓"
                disabled={at === shown.length - 1}
                onClick={() => move(at, 1)}
              />
              <Tool label={texts.take(route.glob)} sign="✕" onClick={() => setDraft(shown.toSpliced(at, 1))} />
            </span>
          </li>
        ))}
      </ol>
      <p className="dim routes-rest">{shown.length === 0 ? texts.noRoutes : texts.rest}</p>
      <div className="routes-actions">
        <button type="button" className="button" onClick={() => setDraft([...shown, { glob: '', mirrors: 'all' }])}>
          {texts.addRoute}
        </button>
        {draft !== undefined && (
          <>
            <span className="routes-unsaved">{isComplete ? texts.unsaved : texts.nobodyChosen}</span>
            <button type="button" className="button" onClick={() => setDraft(undefined)}>
              {texts.discard}
            </button>
            <button type="submit" className="button primary" disabled={save.busy || !isComplete}>
              {texts.save}
            </button>
          </>
        )}
      </div>
      {save.refusal !== undefined && (
        <p role="alert">
          <ErrorText error={save.refusal} />
        </p>
      )}
    </form>
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
