import type { ReactElement } from 'react';
import type { Status } from '../../../shared/contract/status.ts';

export function Mirrors({ status }: { status: Status }): ReactElement {
  return <div className="page">{status.node.name}</div>;
}
