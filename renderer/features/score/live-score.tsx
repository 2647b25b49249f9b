import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type RefObject,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from 'react';
import { type ScoreSpan, scoreSpans } from '../../../shared/domain/score.ts';
import { go } from '../../stores/location.ts';
import { useText } from '../../i18n/use-text.ts';
import { replicas } from '../../stores/replicas.ts';
import type { Voice } from '../../stores/site-replica.ts';
import { type Found, findAt, seenAt, voicesIn } from './find.ts';
import type { Lane } from './lanes.ts';
import { axisOf, type LiveScene, livePicture } from './live-picture.ts';
import { FOOT, laneHeightFor } from './picture.ts';
import { ScoreTip, useFoundText } from './score-tip.tsx';
import { Stage } from './stage.ts';

/** While nothing glides the moments move on in steps. */
const STEP_MILLIS = 1000;

interface Props {
  site: string;
  lanes: readonly Lane[];
  span: ScoreSpan;
}

interface Pointed {
  readonly found: Found;
  readonly x: number;
  readonly y: number;
  /** Of the score. */
  readonly width: number;
}

/** The lanes on a canvas: drawn apart from React, at every frame while the last minute glides by. */
export function LiveScore({ site, lanes, span }: Props): ReactElement {
  const { t, format } = useText();
  const [pointed, setPointed] = useState<Pointed>();
  const textOf = useFoundText();
  const laneHeight = laneHeightFor(lanes.length);
  const chosen = pointed?.found.is === 'voice' ? pointed.found : undefined;
  const { canvas, scene, isEmpty } = useStage(span, (width) => ({
    replica: replicas.get(site),
    lanes,
    span,
    now: replicas.now(),
    width,
    height: lanes.length * laneHeight + FOOT,
    laneHeight,
    chosen,
    tickText: (at) => format.timeOfDay(at, span === 'minute'),
  }));

  const point = (found: Found | undefined): void => {
    if (!found) return setPointed(undefined);
    const now = scene();
    const key = lanes[found.lane]?.key ?? null;
    const at = found.is === 'column' ? found.at : (seenAt(found.voice, key) ?? now.now);
    setPointed({
      found,
      x: Math.min(axisOf(now).right, axisOf(now).x(at)),
      y: (found.lane + 1) * laneHeight,
      width: now.width,
    });
  };
  const move = (event: PointerEvent): void => {
    const box = event.currentTarget.getBoundingClientRect();
    point(findAt(scene(), event.clientX - box.left, event.clientY - box.top));
  };
  const press = (event: KeyboardEvent): void => {
    const next = stepFrom(event.key, chosen, voicesIn(scene()), lanes.length);
    if (event.key === 'Enter' && chosen) go('history', '-', '-', chosen.voice.path);
    else if (event.key === 'Escape' && pointed) setPointed(undefined);
    else if (next) point({ is: 'voice', ...next });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const text = pointed && textOf(pointed.found, lanes, replicas.now());
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys and pointers by itself
    <div
      className="score-stage"
      role="application"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the arrows move a cursor within it
      tabIndex={0}
      aria-label={t.score.label(t.score.inSpan[span])}
      onPointerMove={move}
      onPointerLeave={() => setPointed(undefined)}
      onClick={() => chosen && go('history', '-', '-', chosen.voice.path)}
      onKeyDown={press}
      onBlur={() => setPointed(undefined)}
    >
      <canvas ref={canvas} className={chosen ? 'at-change' : ''} aria-hidden="true" />
      {isEmpty && <p className="score-empty dim">{t.score.empty[span]}</p>}
      {pointed && text && <ScoreTip text={text} x={pointed.x} y={pointed.y} width={pointed.width} />}
      <output className="visually-hidden">
        {text && [text.path, ...text.lines, text.error].filter((each) => each !== undefined).join(', ')}
      </output>
    </div>
  );
}

/** Draws what `sceneAt` says for a width: at once when it has changed, and as time goes on. `isEmpty`: nothing is to be seen in it. */
function useStage(
  span: ScoreSpan,
  sceneAt: (width: number) => LiveScene,
): { canvas: RefObject<HTMLCanvasElement | null>; scene: () => LiveScene; isEmpty: boolean } {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage>(undefined);
  const width = useRef(0);
  const [isEmpty, setIsEmpty] = useState(true);
  const draw = useEffectEvent((toWidth: number) => {
    width.current = toWidth;
    return livePicture(sceneAt(toWidth));
  });
  const look = useEffectEvent((): void => {
    const { replica, now } = sceneAt(width.current);
    setIsEmpty(
      [...(replica?.lanes.values() ?? [])].every(({ spans }) => spans[span].sum(now - scoreSpans[span]) === 0),
    );
  });

  useEffect(() => {
    if (canvas.current === null) return undefined;
    const made = new Stage(canvas.current, (toWidth) => draw(toWidth));
    stage.current = made;
    const unsubscribe = replicas.subscribe(() => made.redraw());
    const timer = setInterval(() => {
      look();
      made.redraw();
    }, STEP_MILLIS);
    look();
    return () => {
      clearInterval(timer);
      unsubscribe();
      made.stop();
      stage.current = undefined;
    };
  }, []);
  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)');
    const set = (): void => stage.current?.glide(span === 'minute' && !still.matches && !isEmpty);
    set();
    still.addEventListener('change', set);
    return () => still.removeEventListener('change', set);
  }, [span, isEmpty]);
  useEffect(() => stage.current?.redraw());
  return { canvas, scene: () => sceneAt(width.current), isEmpty };
}

/** Where a key leads from the change that is chosen; undefined: it is another key. */
function stepFrom(
  key: string,
  from: { readonly voice: Voice; readonly lane: number } | undefined,
  voices: readonly Voice[],
  lanes: number,
): { voice: Voice; lane: number } | undefined {
  const at = from ? voices.indexOf(from.voice) : voices.length;
  const lane = from?.lane ?? 0;
  const to = (voice: Voice | undefined, onLane = lane): { voice: Voice; lane: number } | undefined =>
    voice && { voice, lane: Math.min(lanes - 1, Math.max(0, onLane)) };
  switch (key) {
    case 'ArrowLeft':
      return to(voices[Math.max(0, at - 1)]);
    case 'ArrowRight':
      return to(voices[Math.min(voices.length - 1, at + 1)]);
    case 'ArrowUp':
      return to(from?.voice ?? voices.at(-1), lane - 1);
    case 'ArrowDown':
      return to(from?.voice ?? voices.at(-1), from ? lane + 1 : lane);
    case 'Home':
      return to(voices[0]);
    case 'End':
      return to(voices.at(-1));
    default:
      return undefined;
  }
}
