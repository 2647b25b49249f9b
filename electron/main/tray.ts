import { Menu, type NativeImage, nativeImage, Tray } from 'electron';
import type { EngineSummary } from '../../shared/contract/desktop.ts';
import { type Speaker, stateSentence } from './speaker.ts';
import { drawMark, markOf, type TrayMark } from './state-icon.ts';
import { type TrayActions, trayMenu } from './tray-menu.ts';

export interface StateTray {
  show(summary: EngineSummary, speaker: Speaker): void;
  destroy(): void;
}

const SIZE = 16;
/** Some systems cut long tips. */
const TIP_LENGTH_MAX = 120;

/** The install's mark in the tray, with its sentence and a few things to do. */
export function openTray(actions: TrayActions, platform: NodeJS.Platform): StateTray {
  const images = new Map<TrayMark, NativeImage>();
  const imageOf = (mark: TrayMark): NativeImage => {
    const known = images.get(mark);
    if (known !== undefined) return known;
    const made = imageFor(mark, platform === 'darwin');
    images.set(mark, made);
    return made;
  };
  const tray = new Tray(imageOf('working'));
  // On macOS a click opens the menu, as anything there does.
  if (platform !== 'darwin') tray.on('click', () => actions.open());
  let shown: string | undefined;

  return {
    show(summary, speaker) {
      const sentence = stateSentence(summary, speaker);
      const mark = markOf(summary.state);
      const next = JSON.stringify([mark, sentence, speaker.locale, summary.role, summary.paused]);
      // Menus that are open close when they are replaced: only a real change replaces one.
      if (next === shown) return;
      shown = next;
      tray.setImage(imageOf(mark));
      tray.setToolTip(`Lockstep · ${sentence}`.slice(0, TIP_LENGTH_MAX));
      tray.setContextMenu(Menu.buildFromTemplate(trayMenu({ sentence, summary, texts: speaker.texts.tray, actions })));
    },
    destroy: () => tray.destroy(),
  };
}

function imageFor(mark: TrayMark, template: boolean): NativeImage {
  const image = nativeImage.createEmpty();
  for (const scaleFactor of [1, 2, 3]) {
    const png = drawMark(mark, SIZE * scaleFactor, template).toString('base64');
    image.addRepresentation({ scaleFactor, dataURL: `data:image/png;base64,${png}` });
  }
  if (template) image.setTemplateImage(true);
  return image;
}
