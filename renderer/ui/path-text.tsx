import type { ReactElement } from 'react';

/** Letters of a folder that always have room: a single one would read as the beginning of the file's name. */
const FOLDER_MIN = 3;

/**
 * A path whose folders give way first when there is no room: the name of the file stays readable. Folder and name
 * are each apart (`bdi`): letters that turn the direction of text around turn nothing but their own name.
 */
export function PathText({ path }: { path: string }): ReactElement {
  const cut = path.lastIndexOf('/') + 1;
  return (
    <span className="path" title={path}>
      {cut > 0 && (
        <bdi className="path-folder" style={{ minWidth: `${Math.min(cut, FOLDER_MIN)}ch` }}>
          {path.slice(0, cut)}
        </bdi>
      )}
      <bdi className="path-name">{path.slice(cut)}</bdi>
    </span>
  );
}

/** Where a change is; of a rename also what it was called before. */
export function ChangedPath({ from, path }: { from?: string | undefined; path: string }): ReactElement {
  if (from === undefined) return <PathText path={path} />;
  return (
    <span className="path-change">
      <PathText path={from} />
      <span className="dim">→</span>
      <PathText path={path} />
    </span>
  );
}
