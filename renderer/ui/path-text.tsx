import type { ReactElement } from 'react';

/** A path whose folders give way first when there is no room: the name of the file stays readable. */
export function PathText({ path }: { path: string }): ReactElement {
  const cut = path.lastIndexOf('/') + 1;
  return (
    <span className="path" title={path}>
      {cut > 0 && <span className="path-folder">{path.slice(0, cut)}</span>}
      <span className="path-name">{path.slice(cut)}</span>
    </span>
  );
}
