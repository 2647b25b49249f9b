import type { Dropped } from './source.ts';

/** The files and folders of a drop, by their paths; none in a browser, which does not tell them. */
export function droppedOn(data: DataTransfer, pathOf: (file: File) => string): Dropped[] {
  return [...data.items].flatMap((item): Dropped[] => {
    const file = item.kind === 'file' ? item.getAsFile() : null;
    const path = file === null ? '' : pathOf(file);
    return path === '' ? [] : [{ path, isFolder: item.webkitGetAsEntry()?.isDirectory ?? false }];
  });
}
