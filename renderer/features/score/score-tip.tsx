import type { ReactElement } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { PathText } from '../../ui/path-text.tsx';
import { deliveryState } from '../../stores/reach.ts';
import type { Found } from './find.ts';
import type { Lane } from './lanes.ts';

const EDGE_ROOM = 160;

/** What is at a place of the score, in words: below the pointer, and for screen readers where the cursor is. */
export function useFoundText(): (found: Found, lanes: readonly Lane[], now: number) => FoundText {
  const { t, format, sentence } = useText();
  const texts = t.score;
  return (found, lanes, now) => {
    const lane = lanes[found.lane];
    const name = lane?.name ?? '';
    if (found.is === 'column') {
      const lines = [`${name}: ${texts.around(format.number(found.count), found.count, format.clock(found.at, now))}`];
      return { path: undefined, lines, error: undefined };
    }
    const { voice } = found;
    const op = t.history.op[voice.op];
    const what = voice.by === undefined ? op : texts.by(op, voice.by);
    const size = voice.size === undefined ? '' : ` · ${format.bytes(voice.size)}`;
    const wanting = [...voice.deliveries.values()].filter(({ verdict }) => verdict !== 'not-wanted');
    const reached = wanting.filter((each) => deliveryState(each) === 'in-step').length;
    const delivery = lane?.key === null ? undefined : voice.deliveries.get(lane?.key ?? '');
    const here =
      delivery === undefined
        ? undefined
        : delivery.publishedAt === undefined
          ? texts.notYet(name, t.state[deliveryState(delivery)])
          : texts.after(name, format.duration(Math.max(0, delivery.publishedAt - voice.at)));
    return {
      path: voice.path,
      lines: [
        `${what}${size} · ${format.clock(voice.at, now)}`,
        ...(here === undefined ? [] : [here]),
        ...(wanting.length > 0 ? [texts.reached(reached, wanting.length)] : []),
        ...(voice.release === undefined ? [] : [texts.release]),
      ],
      error: delivery?.error && sentence(delivery.error),
    };
  };
}

export interface FoundText {
  readonly path: string | undefined;
  readonly lines: readonly string[];
  /** Why it is not visible there. */
  readonly error: string | undefined;
}

interface TipProps {
  text: FoundText;
  x: number;
  y: number;
  /** Of the score: at its ends it stays within. */
  width: number;
}

export function ScoreTip({ text: { path, lines, error }, x, y, width }: TipProps): ReactElement {
  const side = x < EDGE_ROOM ? ' at-left' : x > width - EDGE_ROOM ? ' at-right' : '';
  return (
    <div className={`score-tip${side}`} aria-hidden="true" style={{ left: x, top: y }}>
      {path !== undefined && <PathText path={path} />}
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
      {error !== undefined && <span className="state-held">{error}</span>}
    </div>
  );
}
