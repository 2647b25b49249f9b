import type { Millis } from '../../../shared/domain/change.ts';
import { forEachPart, type Parts, sortParts } from './in-parts.ts';

/**
 * The strongly connected components of a graph, each after those that it leads to (Tarjan 1972). `edges[v]`: where `v` leads.
 * Without recursion: a chain of pages may be as long as a site has pages.
 */
export function* components(edges: readonly (readonly number[])[]): Parts<number[][]> {
  const count = edges.length;
  const index = new Int32Array(count).fill(UNSEEN);
  const low = new Int32Array(count);
  const open: number[] = [];
  const isOpen = new Uint8Array(count);
  const found: number[][] = [];
  let next = 0;
  let taken = 0;
  const path: { readonly vertex: number; readonly to: readonly number[]; at: number }[] = [];
  const enter = (vertex: number) => {
    index[vertex] = low[vertex] = next++;
    open.push(vertex);
    isOpen[vertex] = 1;
    path.push({ vertex, to: edges[vertex] ?? [], at: 0 });
  };
  const lower = (vertex: number, to: number) => {
    if (to < (low[vertex] ?? 0)) low[vertex] = to;
  };
  for (let start = 0; start < count; start += 1) {
    if (index[start] === UNSEEN) enter(start);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      taken += 1;
      if (taken % STEPS === 0) yield;
      const { vertex } = step;
      const to = step.to[step.at++];
      if (to !== undefined) {
        if (index[to] === UNSEEN) enter(to);
        else if (isOpen[to] === 1) lower(vertex, index[to] ?? 0);
        continue;
      }
      path.pop();
      const from = path.at(-1);
      if (from) lower(from.vertex, low[vertex] ?? 0);
      if (low[vertex] === index[vertex]) {
        const component = open.splice(open.lastIndexOf(vertex));
        for (const member of component) isOpen[member] = 0;
        found.push(yield* sortParts(component, (a, b) => a - b));
      }
    }
  }
  return found;
}

/** `from` waits, until `until` at the longest. */
export interface Wish {
  readonly from: number;
  readonly until: Millis;
}

/**
 * When each vertex is free by the passing of time alone: the least times with
 * `due[v] = max(own[v], min(until, due[w]) of each wish of v for w)`. `wishes[w]` are those for `w` that are not over.
 * A circle of wishes alone holds nobody. These are widest paths from what is not free (Dijkstra), the latest times first.
 */
export function* dueTimes(own: readonly Millis[], wishes: readonly (readonly Wish[])[], now: Millis): Parts<Millis[]> {
  const due = own.slice();
  const times = new Set(own.filter((time) => time > now));
  yield* forEachPart(wishes, (each) => {
    for (const { until } of each) times.add(until);
  });
  const latestFirst = yield* sortParts([...times], (a, b) => b - a);
  const byTime = new Map<Millis, number[]>(latestFirst.map((time) => [time, []]));
  yield* forEachPart(due, (time, vertex) => byTime.get(time)?.push(vertex));
  let taken = 0;
  for (const [time, vertices] of byTime) {
    for (let vertex = vertices.pop(); vertex !== undefined; vertex = vertices.pop()) {
      taken += 1;
      if (taken % STEPS === 0) yield;
      if (due[vertex] !== time) continue;
      for (const { from, until } of wishes[vertex] ?? []) {
        const reached = Math.min(time, until);
        if (reached <= (due[from] ?? Infinity)) continue;
        due[from] = reached;
        byTime.get(reached)?.push(from);
      }
    }
  }
  return due;
}

const UNSEEN = -1;
/** Edges that are followed in one part. */
const STEPS = 1_024;
