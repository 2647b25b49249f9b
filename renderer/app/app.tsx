import { type ReactElement, useEffect } from 'react';
import { Finished } from '../features/first-start/finished.tsx';
import { FirstStart } from '../features/first-start/first-start.tsx';
import { useGuide } from '../features/first-start/guide-store.ts';
import { useText } from '../i18n/use-text.ts';
import { useEngine } from '../stores/engine-store.ts';
import { useUi } from '../stores/ui-store.ts';
import { EngineFailed } from './engine-failed.tsx';
import { Frame } from './frame.tsx';
import { keepFocus } from './keep-focus.ts';

export function App(): ReactElement {
  const { t, locale } = useText();
  const theme = useUi((ui) => ui.theme);
  useEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dataset['theme'] = theme;
  }, [locale, theme]);

  useEffect(keepFocus, []);

  const view = useEngine((engine) => engine.view);
  const host = useEngine((engine) => engine.host);
  const status = useEngine((engine) => engine.status);
  const setUp = useGuide((guide) => guide.setUp);

  if (view.is === 'denied') return <Stage title={t.engine.deniedTitle} text={t.engine.denied} />;
  if (host?.state === 'unset') return <FirstStart suggestedName={host.suggestedName} />;
  if (host?.state === 'failed') return <EngineFailed error={host.error} />;
  if (status === undefined) return <Stage text={host === undefined ? t.engine.connecting : t.engine.starting} />;
  if (setUp !== undefined && view.is === 'live') return <Finished setUp={setUp} status={status} />;
  return <Frame status={status} />;
}

function Stage({ title, text }: { title?: string; text: string }): ReactElement {
  return (
    <main className="stage">
      {title !== undefined && <h1>{title}</h1>}
      <output>{text}</output>
    </main>
  );
}
