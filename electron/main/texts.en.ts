import type { EngineSummary } from '../../shared/contract/desktop.ts';
import type { Texts } from './texts.ts';

export const en: Texts = {
  state(summary, sentence) {
    const { state, error, needCount, paused, peer } = summary;
    switch (state) {
      case 'starting':
        return 'The engine is starting.';
      case 'unset':
        return 'This install is not set up yet.';
      case 'failed':
        return error === undefined ? 'The engine did not start.' : sentence(error);
      case 'needs-person':
        return needCount === 1 ? 'One thing needs attention.' : `${needCount} things need attention.`;
      case 'paused':
        return paused || peer === undefined ? 'All transfers are paused.' : `${peer} is paused.`;
      case 'away':
      case 'working':
      case 'in-step':
        return ofPeers(summary, state);
    }
  },
  tray: {
    open: 'Open Lockstep',
    publish: 'Publish…',
    pause: 'Pause All Transfers',
    resume: 'Resume All Transfers',
    quit: 'Quit Lockstep',
  },
  menu: {
    about: 'About Lockstep',
    settings: 'Settings…',
    services: 'Services',
    hide: 'Hide Lockstep',
    hideOthers: 'Hide Others',
    showAll: 'Show All',
    quit: 'Quit Lockstep',
    file: 'File',
    publish: 'Publish…',
    closeWindow: 'Close Window',
    edit: 'Edit',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    view: 'View',
    reload: 'Reload',
    devTools: 'Developer Tools',
    zoomIn: 'Zoom In',
    zoomOut: 'Zoom Out',
    zoomReset: 'Actual Size',
    fullScreen: 'Full Screen',
    window: 'Window',
    minimize: 'Minimize',
    zoom: 'Zoom',
    front: 'Bring All to Front',
    help: 'Help',
    docs: 'Documentation',
    diagnostics: 'Copy Diagnostics',
  },
  about: {
    version: (version) => `Version ${version}`,
    what: 'Every PUT shows up at every mirror, whole and at once.',
  },
  closing: {
    staysTitle: 'Lockstep keeps running without its window',
    stays: (platform) =>
      platform === 'darwin'
        ? 'It still receives files and passes them on. To end it, choose Quit Lockstep from the menu. You can change what closing does in Settings.'
        : 'It still receives files and passes them on. Open the window or quit from its icon in the tray. You can change what closing does in Settings.',
    askTitle: 'Keep Lockstep running without its window?',
    ask: 'This desktop has no tray to show that it is running. If you keep it running, it still receives files and passes them on. To get the window back, start Lockstep again.',
    quit: 'Quit',
    stay: 'Keep it running',
    cancel: 'Cancel',
    remember: 'Always do this',
  },
  notice: {
    needTitle: (site = 'Lockstep', peer) =>
      peer === undefined ? `${site} needs attention` : `${site} at ${peer} needs attention`,
    needsTitle: (count) => `${count} things need attention`,
    needs: 'See them under Together, Waiting.',
    releaseTitle: (name) => `${name} is everywhere`,
    release: (mirrors, millis) =>
      `${mirrors === 1 ? 'The mirror has' : `${allOf(mirrors)} mirrors have`} it · ${seconds(millis)}`,
  },
};

function ofPeers({ role, peers, inStep, away, peer }: EngineSummary, state: 'away' | 'working' | 'in-step'): string {
  if (role === 'mirror') {
    const master = peer ?? 'the master';
    if (state === 'in-step') return `In step with ${master}.`;
    return state === 'away' ? `${capital(master)} is not connected.` : `Catching up with ${master}.`;
  }
  if (peers === 0) return 'There are no mirrors yet.';
  if (state === 'in-step') return peers === 1 ? 'The mirror is in step.' : `${allOf(peers)} mirrors are in step.`;
  if (state === 'away')
    return away === 1 ? `${peer ?? 'A mirror'} is not connected.` : `${away} of ${peers} mirrors are not connected.`;
  return peers === 1
    ? `${peer ?? 'The mirror'} is catching up.`
    : `${inStep} of ${peers} mirrors ${inStep === 1 ? 'is' : 'are'} in step.`;
}

function capital(text: string): string {
  return text === 'the master' ? 'The master' : text;
}

function allOf(mirrors: number): string {
  return mirrors === 2 ? 'Both' : `All ${mirrors}`;
}

function seconds(millis: number): string {
  return `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;
}
