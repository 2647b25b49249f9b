import { type ReactElement, useMemo, useState } from 'react';
import { useText } from '../../../i18n/use-text.ts';
import { ArrowKeys } from '../../../ui/arrow-keys.tsx';
import { StateMark } from '../../../ui/state-mark.tsx';
import { type GraphEdge, type GraphNode, HUB_LINES, planGraph } from './graph-plan.ts';
import type { Link } from './link.ts';

/** As many names a column as can still be told apart. */
const ROOM = 60;
const ROW_HEIGHT = 24;
/** Of the width of the middle part, in which the lines run. */
const WIDTH = 100;

interface Side {
  readonly side: 'pages' | 'targets';
  readonly row: number;
}

/** Pages, and lines to what they link to. Pointing at a name shows its lines only; choosing it filters by it. */
export function LinkGraph({
  links,
  onChoose,
}: {
  links: readonly Link[];
  onChoose: (name: string) => void;
}): ReactElement {
  const { t, format } = useText();
  const words = t.together.links;
  const plan = useMemo(() => planGraph(links, ROOM), [links]);
  const [looked, setLooked] = useState<Side>();
  const height = Math.max(plan.pages.length, plan.targets.length) * ROW_HEIGHT;
  const isLit = ({ from, to }: { from: number; to: number }): boolean =>
    looked === undefined || (looked.side === 'pages' ? from : to) === looked.row;
  const edgeClass = (edge: GraphEdge): string =>
    isLit(edge) ? (looked === undefined && edge.toHub ? ' edge-hub' : '') : ' edge-off';
  const column = (side: Side['side'], nodes: readonly GraphNode[]): ReactElement => (
    <ArrowKeys selector="button">
      <ul className={`graph-column graph-${side}`} aria-label={side === 'pages' ? words.page : words.target}>
        {nodes.map((node) => (
          <li key={node.name} style={{ height: ROW_HEIGHT }}>
            <button
              type="button"
              className={node.missing ? 'graph-node state-failing' : 'graph-node'}
              title={[node.name, node.circle ? words.circle : '', node.missing ? words.missing : '']
                .filter((text) => text !== '')
                .join('\n')}
              onPointerEnter={() => setLooked({ side, row: node.row })}
              onPointerLeave={() => setLooked(undefined)}
              onFocus={() => setLooked({ side, row: node.row })}
              onBlur={() => setLooked(undefined)}
              onClick={() => onChoose(node.name)}
            >
              {node.circle && (
                <span className="circle" aria-hidden="true">
                  ↻
                </span>
              )}
              {node.missing && <StateMark state="failing" size={10} />}
              <bdi>{node.name}</bdi>
              {node.lines >= HUB_LINES && (
                <span className="lines" aria-hidden="true">
                  {words.lines(format.number(node.lines))}
                </span>
              )}
              {node.missing && <span className="visually-hidden"> {words.missing}</span>}
            </button>
          </li>
        ))}
      </ul>
    </ArrowKeys>
  );
  return (
    <section className="panel" aria-label={words.views.graph}>
      <div className="graph">
        {column('pages', plan.pages)}
        <svg
          className="graph-lines"
          aria-hidden="true"
          viewBox={`0 0 ${WIDTH} ${height}`}
          height={height}
          preserveAspectRatio="none"
        >
          {plan.edges.map((edge) => (
            <path
              key={`${edge.from}:${edge.to}:${edge.kind}`}
              className={`edge edge-${edge.missing ? 'missing' : edge.kind}${edgeClass(edge)}`}
              d={curve(edge.from, edge.to)}
            />
          ))}
        </svg>
        {column('targets', plan.targets)}
      </div>
      <p className="graph-foot dim">
        {words.legend}
        {plan.left > 0 && ` ${words.left(format.number(plan.left))}`}
      </p>
    </section>
  );
}

function curve(from: number, to: number): string {
  const [y1, y2] = [from, to].map((row) => row * ROW_HEIGHT + ROW_HEIGHT / 2);
  const bend = WIDTH / 2;
  return `M0 ${y1}C${bend} ${y1} ${bend} ${y2} ${WIDTH} ${y2}`;
}
