import { type DragEvent, useState } from 'react';
import { useBridge } from '../../bridge/bridge-context.ts';
import { droppedOn } from '../publish/dropped-on.ts';

interface FolderDrop {
  /** The app knows where what is dropped lies; a browser does not tell. */
  readonly canDrop: boolean;
  readonly isOver: boolean;
  readonly handlers: {
    readonly onDragEnter: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDragLeave: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
}

/** Takes a folder that is dropped; anything else that is dropped is passed over. */
export function useFolderDrop(onChoose: (path: string) => void): FolderDrop {
  const bridge = useBridge();
  const [isOver, setOver] = useState(false);
  const canDrop = bridge.kind === 'desktop';
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  const over = (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    // Without this the window would open what is dropped.
    event.preventDefault();
    event.dataTransfer.dropEffect = canDrop ? 'copy' : 'none';
    setOver(canDrop);
  };
  return {
    canDrop,
    isOver,
    handlers: {
      onDragEnter: over,
      onDragOver: over,
      onDragLeave(event) {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
          setOver(false);
      },
      onDrop(event) {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(false);
        const folder = droppedOn(event.dataTransfer, (file) => bridge.pathForFile(file)).find(
          ({ isFolder }) => isFolder,
        );
        if (folder) onChoose(folder.path);
      },
    },
  };
}
