import { Component, type ReactElement, type ReactNode } from 'react';
import { useText } from '../i18n/use-text.ts';

/** A bug in the interface ends the view, not the app: it says that transfers go on, and offers a fresh start. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken(): ReactElement {
  const { t } = useText();
  return (
    <div className="stage" role="alert">
      <h1>{t.engine.crashed}</h1>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        {t.engine.reload}
      </button>
    </div>
  );
}
