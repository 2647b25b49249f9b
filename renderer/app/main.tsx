import './no-eval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { openBridge } from '../bridge/bridge.ts';
import { replicate } from '../stores/engine-store.ts';
import { App } from './app.tsx';
import { BridgeProvider } from '../bridge/bridge-context.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { followShell } from './follow-shell.ts';
import './theme.css';
import './frame.css';
import './palette/palette.css';
import './toasts.css';
import './app.css';
import '../ui/ui.css';
import '../ui/long-list.css';
import '../features/together/together.css';
import './contrast.css';

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no root');

const bridge = openBridge();
replicate(bridge);
followShell(bridge);
createRoot(place).render(
  <StrictMode>
    <ErrorBoundary>
      <BridgeProvider value={bridge}>
        <App />
      </BridgeProvider>
    </ErrorBoundary>
  </StrictMode>,
);
