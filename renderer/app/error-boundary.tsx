import { Component, type ErrorInfo, type ReactElement, type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useEngine } from '../stores/engine-store.ts';

interface State {
  readonly error: unknown;
  readonly where: string;
}

/** A bug in the interface ends the view, not the app: it says that transfers go on, and offers a fresh start. */
export class ErrorBoundary extends Component<{ children: ReactNode }, Partial<State>> {
  override state: Partial<State> = {};

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error ?? new Error('nothing was thrown') };
  }

  override componentDidCatch(_error: unknown, { componentStack }: ErrorInfo): void {
    this.setState({ where: componentStack ?? '' });
  }

  override render(): ReactNode {
    const { error, where = '' } = this.state;
    if (error === undefined) return this.props.children;
    return <Broken error={error} where={where} onAgain={() => this.setState({ error: undefined, where: '' })} />;
  }
}

function Broken({ error, where, onAgain }: State & { onAgain: () => void }): ReactElement {
  const { t, locale } = useText();
  const version = useEngine((engine) => engine.status?.node.version);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(whatHappened(error, where, { version, locale }));
    setCopied(true);
  };
  return (
    <div className="stage" role="alert">
      <h1>{t.engine.crashed}</h1>
      <p className="dim breakable">{error instanceof Error ? error.message : String(error)}</p>
      <div className="stage-actions">
        <button type="button" className="button primary" onClick={onAgain}>
          {t.frame.showAgain}
        </button>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t.engine.reload}
        </button>
        {/* A browser may refuse: the button then stays as it is. */}
        <button type="button" className="button" onClick={() => void copy().catch(() => undefined)}>
          {copied ? t.copy.done : t.frame.copyWhatHappened}
        </button>
      </div>
    </div>
  );
}

/** For a report. The address holds no secret: the token is taken out of it as soon as the page is open. */
function whatHappened(
  error: unknown,
  where: string,
  { version, locale }: { version?: string | undefined; locale: string },
): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `Lockstep ${version ?? ''} (${locale}), ${new Date().toISOString()}`,
    `${location.pathname}${location.hash}`,
    navigator.userAgent,
    stack,
    where.trim(),
  ].join('\n');
}
