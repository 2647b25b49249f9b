import type { ReactElement } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useText } from '../i18n/use-text.ts';
import { ErrorText } from '../ui/error-text.tsx';
import { useTask } from '../ui/use-task.ts';
import { useBridge } from '../bridge/bridge-context.ts';

/** The engine's process runs, but the engine cannot: a port is taken, the configuration is broken. */
export function EngineFailed({ error }: { error: ErrorJson }): ReactElement {
  const { t } = useText();
  const bridge = useBridge();
  // Whether it helped is told by the host's next state.
  const { run, busy } = useTask(async () => {
    await bridge.call('host.retry', {});
  });
  return (
    <main className="stage" role="alert">
      <h1>{t.engine.failed}</h1>
      <p>
        <ErrorText error={error} />
      </p>
      <button type="button" className="button primary" disabled={busy} onClick={() => run()}>
        {t.engine.retry}
      </button>
    </main>
  );
}
