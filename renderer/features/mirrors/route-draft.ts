import type { CallResult } from '../../../shared/contract/calls.ts';

export type Route = CallResult<'route.list'>[number];

/** A route in a form: it keeps its id wherever it is moved. */
export interface RouteRow {
  readonly id: number;
  readonly route: Route;
}

export function rowsOf(routes: readonly Route[]): RouteRow[] {
  return routes.map((route, id) => ({ id, route }));
}

export function routesOf(rows: readonly RouteRow[]): Route[] {
  return rows.map(({ route }) => ({ ...route }));
}

export function withRoute(rows: readonly RouteRow[], route: Route): RouteRow[] {
  return [...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, route }];
}

/** The row of that id at another place, counted from 0; beyond an end it stays at that end. */
export function moved(rows: readonly RouteRow[], id: number, to: number): RouteRow[] {
  const row = rows.find((each) => each.id === id);
  if (!row) return [...rows];
  const others = rows.filter((each) => each.id !== id);
  return others.toSpliced(Math.max(0, Math.min(others.length, to)), 0, row);
}

/** All that no other route matches, to every mirror. */
export const REST: Route = { glob: '**', mirrors: 'all' };

export function hasRest(routes: readonly Route[]): boolean {
  return routes.some(({ glob }) => glob === REST.glob);
}
