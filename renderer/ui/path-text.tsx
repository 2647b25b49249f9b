import type { ReactElement } from 'react';

/** Letters of a folder that always have room: a single one would read as the beginning of the file's name. */
const FOLDER_MIN = 3;

/** A path whose folders give way first when there is no room: the name of the file stays readable. */
export function PathText({ path }: { path: string }): ReactElement {
  const cut = path.lastIndexOf('/') + 1;
  return (
    <span className="path" title={path}>
      {cut > 0 && (
        <span className="path-folder" style={{ minWidth: `${Math.min(cut, FOLDER_MIN)}ch` }}>
          {path.slice(0, cut)}
        </span>
      )}
      <span className="path-name">{path.slice(cut)}</span>
    </span>
  );
}
