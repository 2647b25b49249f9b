import { scoreSpans } from '../../../shared/domain/score.ts';
import type { Voice } from '../../stores/site-replica.ts';
import { axisOf, type LiveScene } from './live-picture.ts';

/** A place on the score: a change on a lane, or a column of many. */
export type Found =
  | { readonly is: 'voice'; readonly voice: Voice; readonly lane: number }
  | { readonly is: 'column'; readonly lane: number; readonly at: number; readonly count: number };

/** How far from a dot the pointer still is at it, in pixels. */
const NEAR = 9;

type Scene = Pick<LiveScene, 'replica' | 'lanes' | 'span' | 'now' | 'width' | 'laneHeight'>;

/** What is at a place; undefined where there is nothing. */
export function findAt(scene: Scene, x: number, y: number): Found | undefined {
  const { replica, lanes, span, laneHeight } = scene;
  const lane = Math.floor(y / laneHeight);
  const key = lanes[lane]?.key;
  if (!replica || key === undefined) return undefined;
  const axis = axisOf(scene);
  let best: { voice: Voice; far: number } | undefined;
  for (const voice of voicesIn(scene)) {
    const at = seenAt(voice, key);
    // What is awaited stands at the right end.
    const place = at === undefined ? (voice.deliveries.has(key ?? '') ? axis.right : undefined) : axis.x(at);
    if (place === undefined) continue;
    const far = Math.abs(place - x);
    if (far <= NEAR && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { voice, far };
  }
  const ring = replica.lanes.get(key)?.spans[span];
  const index = Math.floor(axis.at(x) / (ring?.width ?? 1));
  const around = [index - 1, index, index + 1].filter((each) => (ring?.count(each) ?? 0) > 0);
  const count = around.reduce((sum, each) => sum + (ring?.count(each) ?? 0), 0);
  if (best && count <= 3) return { is: 'voice', voice: best.voice, lane };
  if (ring && count > 0) return { is: 'column', lane, at: (around[0] ?? index) * ring.width, count };
  return best && { is: 'voice', voice: best.voice, lane };
}

/** Changes of the span that is shown, from the oldest to the newest. */
export function voicesIn({ replica, span, now }: Pick<Scene, 'replica' | 'span' | 'now'>): Voice[] {
  const oldest = now - scoreSpans[span];
  return (replica?.voices ?? []).filter((voice) => voice.at >= oldest && voice.op !== 'aborted');
}

/** When a change was visible on a lane. */
export function seenAt(voice: Voice, key: string | null): number | undefined {
  return key === null ? voice.at : voice.deliveries.get(key)?.publishedAt;
}
