import { NameText } from '../../ui/name-text.tsx';
import { type ReactElement, useEffect, useEffectEvent, useRef } from 'react';
import { FOOT, laneHeightFor } from './picture.ts';
import { Stage } from './stage.ts';
import { stillPicture, type StillScene } from './still-picture.ts';
import './score.css';

interface Props {
  /** Of the lanes, from above. */
  names: readonly string[];
  scene: StillScene;
  /** What it shows, for who does not see it: what stands beside it says the same in words. */
  label: string;
}

/** A score that stands. */
export function StillScore({ names, scene, label }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage>(undefined);
  const laneHeight = laneHeightFor(names.length);
  const draw = useEffectEvent((width: number) =>
    stillPicture(scene, { width, height: names.length * laneHeight + FOOT, laneHeight }),
  );
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const made = new Stage(canvas.current, (width) => draw(width));
    stage.current = made;
    return () => made.stop();
  }, []);
  useEffect(() => stage.current?.redraw());
  return (
    <div className={laneHeight < 20 ? 'score small' : 'score'}>
      <ul className="score-names" aria-hidden="true">
        {names.map((name, index) => (
          <li key={`${index}:${name}`} style={{ height: laneHeight }}>
            <NameText name={name} />
          </li>
        ))}
      </ul>
      <div className="score-stage" role="img" aria-label={label}>
        <canvas ref={canvas} aria-hidden="true" />
      </div>
    </div>
  );
}
