import { memo, type ReactElement } from 'react';
import type { TreeRow } from '../../../shared/contract/site-tree.ts';
import { useText } from '../../i18n/use-text.ts';
import { ErrorText } from '../../ui/error-text.tsx';
import { PathText } from '../../ui/path-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Moment } from '../../ui/time.tsx';
import { markOf } from './file-state.ts';
import { nameOf } from './tree-keys.ts';
import type { Line } from './tree-model.ts';

const INDENT = 16;

interface Props {
  domId: string;
  line: Line;
  index: number;
  top: number;
  role: 'master' | 'mirror';
  now: number;
  /** It was looked for: the whole path is shown. */
  isFound: boolean;
  isCursor: boolean;
  isShown: boolean;
  onChoose: (line: Line) => void;
}

export const TreeLine = memo(function TreeLine(props: Props): ReactElement {
  const { domId, line, index, top, isCursor, isShown, onChoose } = props;
  const names = ['long-line tree-line', isCursor && 'cursor', isShown && 'open'].filter(Boolean).join(' ');
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid around it has the keys; see `aria-activedescendant`
    <div
      id={domId}
      role="row"
      aria-rowindex={index + 1}
      aria-level={line.depth + 1}
      aria-selected={isShown}
      aria-expanded={line.is === 'row' ? line.isOpen : undefined}
      className={names}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onChoose(line)}
    >
      {line.is === 'row' ? <Cells {...props} row={line.row} /> : <Note line={line} isFound={props.isFound} />}
    </div>
  );
});

function Cells({ line, row, role, now, isFound }: Props & { row: TreeRow }): ReactElement {
  const { format } = useText();
  const isOpen = line.is === 'row' ? line.isOpen : undefined;
  return (
    <>
      <span role="gridcell" className="tree-name" style={{ paddingLeft: line.depth * INDENT }}>
        <span className="tree-fold" aria-hidden="true">
          {isOpen !== undefined && <Chevron isOpen={isOpen} />}
        </span>
        <Kind row={row} />
        {isFound ? <PathText path={row.path} /> : <span className="tree-text mono">{nameOf(row.path)}</span>}
      </span>
      <span role="gridcell" className="number long-size">
        {row.kind === 'file' && format.bytes(row.size)}
      </span>
      <span role="gridcell" className="number dim">
        {row.kind === 'file' && <Moment at={row.mtime}>{format.minute(row.mtime, now)}</Moment>}
      </span>
      <span role="gridcell" className="tree-state">
        <Standing row={row} role={role} />
      </span>
    </>
  );
}

function Standing({ row, role }: { row: TreeRow; role: 'master' | 'mirror' }): ReactElement {
  const { t, format } = useText();
  const mark = markOf(row.state);
  if (mark === undefined) return <span className="dim">{t.site.states['not-wanted']}</span>;
  const word = <span className={row.state === 'published' ? '' : `state-${mark}`}>{t.site.states[row.state]}</span>;
  if (row.kind === 'dir' || role === 'mirror')
    return (
      <>
        <StateMark state={mark} />
        {word}
        {row.kind === 'file' && row.leaving === true && <span className="dim">{t.site.leaving}</span>}
      </>
    );
  return (
    <>
      <StateMark state={mark} />
      {word}
      <span className="dim number">{t.site.share(format.number(row.has), format.number(row.of))}</span>
    </>
  );
}

function Note({ line, isFound }: { line: Exclude<Line, { is: 'row' }>; isFound: boolean }): ReactElement {
  const { t } = useText();
  const style = { paddingLeft: line.depth * INDENT + 20 };
  if (line.is === 'empty')
    return (
      <span role="gridcell" className="tree-note dim" style={style}>
        {isFound ? t.site.notFound : t.site.empty}
      </span>
    );
  return (
    <span role="gridcell" className="tree-note dim" style={style}>
      {line.error === undefined ? t.site.reading : <ErrorText error={line.error} />}
    </span>
  );
}

function Chevron({ isOpen }: { isOpen: boolean }): ReactElement {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12">
      <path
        d={isOpen ? 'M2.5 4.5 6 8l3.5-3.5' : 'M4.5 2.5 8 6 4.5 9.5'}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
    </svg>
  );
}

function Kind({ row }: { row: TreeRow }): ReactElement {
  return (
    <svg className="tree-kind" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <path
        d={row.kind === 'dir' ? 'M1.5 3.5h4l1.2 1.5h5.8v6.5h-11z' : 'M3 1.5h5l3 3v8H3zM8 1.5v3h3'}
        fill={row.kind === 'dir' ? 'currentColor' : 'none'}
        fillOpacity={row.kind === 'dir' ? 0.18 : 1}
        stroke="currentColor"
        strokeLinejoin="round"
      />
    </svg>
  );
}
