import '@xyflow/react/dist/base.css';
import { ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import type { Site } from '../../stores/peer-state.ts';
import { machinesOf } from './machines.ts';
import { CARD, layOutMap } from './map-layout.ts';
import { MasterCard, type MasterNode, MirrorCard, type MirrorNode, Way, type WayEdge } from './map-parts.tsx';
import './map.css';

const nodeTypes = { master: MasterCard, mirror: MirrorCard };
const edgeTypes = { way: Way };
const FIT = { padding: 0.06, maxZoom: 1.1 };
const HEIGHT = { small: [132, 232], large: [200, 560] } as const;
/** Above and below the cards. */
const ROOM = 48;

interface Props {
  node: Status['node'];
  site: Site;
  /** Beside other things: what is well stands together, and nothing is to be moved. */
  small?: boolean;
}

/** The machine that changes come from and those that they go to: how each stands, how late it is, and what passes. */
export function SiteMap(props: Props): ReactElement {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

function Drawn({ node, site, small = false }: Props): ReactElement {
  const { t } = useText();
  const place = useRef<HTMLDivElement>(null);
  const flow = useReactFlow();
  const { nodes, edges, height } = useMemo(() => elementsOf(node, site, small), [node, site, small]);
  const count = nodes.length;
  const [least, most] = small ? HEIGHT.small : HEIGHT.large;

  // Whoever moved the map sees it whole again when the window, or what is on it, has another size.
  useEffect(() => {
    if (place.current === null) return undefined;
    // It calls itself an application, and takes no keys here: its cards are links like any others.
    place.current.querySelector('.react-flow')?.setAttribute('role', 'presentation');
    const observer = new ResizeObserver(() => void flow.fitView(FIT));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [flow, count]);

  return (
    <section className="panel" aria-labelledby="map-title">
      <div className="panel-head">
        <h2 id="map-title">{t.map.title}</h2>
        {!small && <Tools />}
      </div>
      <div
        ref={place}
        className="site-map"
        role="group"
        aria-label={t.map.label}
        style={{ height: Math.min(most, Math.max(least, height + ROOM)) }}
      >
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          fitView
          fitViewOptions={FIT}
          minZoom={0.2}
          maxZoom={2}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          panOnDrag={!small}
          zoomOnPinch={!small}
          zoomOnScroll={false}
          zoomOnDoubleClick={!small}
          preventScrolling={false}
          disableKeyboardA11y
          proOptions={{ hideAttribution: true }}
        />
      </div>
    </section>
  );
}

function Tools(): ReactElement {
  const { t } = useText();
  const flow = useReactFlow();
  return (
    <div className="map-tools">
      <button type="button" className="button quiet" title={t.map.zoomOut} onClick={() => void flow.zoomOut()}>
        <span aria-hidden="true">−</span>
        <span className="visually-hidden">{t.map.zoomOut}</span>
      </button>
      <button type="button" className="button quiet" title={t.map.zoomIn} onClick={() => void flow.zoomIn()}>
        <span aria-hidden="true">+</span>
        <span className="visually-hidden">{t.map.zoomIn}</span>
      </button>
      <button type="button" className="button quiet" onClick={() => void flow.fitView(FIT)}>
        {t.map.fit}
      </button>
    </div>
  );
}

function elementsOf(node: Status['node'], site: Site, small: boolean) {
  const { first, others } = machinesOf(node, site, small);
  const layout = layOutMap(others.length, small);
  const nodes: (MasterNode | MirrorNode)[] = [
    { id: 'first', type: 'master', position: layout.master, data: { name: first }, ...CARD },
  ];
  const edges: WayEdge[] = [];
  for (const [index, machine] of others.entries()) {
    const at = layout.mirrors[index];
    if (!at) continue;
    const { side, x, y, level } = at;
    nodes.push({ id: machine.id, type: 'mirror', position: { x, y }, data: { machine, side }, ...CARD });
    edges.push({
      id: machine.id,
      type: 'way',
      source: 'first',
      sourceHandle: side,
      target: machine.id,
      targetHandle: 'end',
      // It would be called by the ids of its ends; the cards say all that it does.
      domAttributes: { 'aria-hidden': true },
      data: { machine, level },
    });
  }
  return { nodes, edges, height: layout.height };
}
