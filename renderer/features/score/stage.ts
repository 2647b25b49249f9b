import { type Look, onLookChange, readLook } from './look.ts';
import { paint } from './paint.ts';
import type { Picture } from './picture.ts';

/** A canvas that shows a picture, as sharp as the screen is, and anew when there is reason to. */
export class Stage {
  readonly #canvas: HTMLCanvasElement;
  readonly #draw: (width: number) => Picture;
  readonly #ends: (() => void)[] = [];
  #look: Look | undefined;
  #frame: number | undefined;
  #glides = false;
  #isSeen = true;
  #width = 0;

  constructor(canvas: HTMLCanvasElement, draw: (width: number) => Picture) {
    this.#canvas = canvas;
    this.#draw = draw;
    const resized = new ResizeObserver(([entry]) => {
      this.#width = entry?.contentRect.width ?? 0;
      this.redraw();
    });
    resized.observe(canvas.parentElement ?? canvas);
    const seen = new IntersectionObserver(([entry]) => {
      this.#isSeen = entry?.isIntersecting ?? true;
      this.redraw();
    });
    seen.observe(canvas);
    this.#ends.push(
      () => resized.disconnect(),
      () => seen.disconnect(),
      onLookChange(() => {
        this.#look = undefined;
        this.redraw();
      }),
    );
  }

  /** Anew at every frame, as long as it is seen. */
  glide(glides: boolean): void {
    this.#glides = glides;
    this.redraw();
  }

  /** With the next frame. */
  redraw(): void {
    if (!this.#isSeen || document.hidden) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#paint();
      if (this.#glides) this.redraw();
    });
  }

  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    for (const end of this.#ends) end();
  }

  #paint(): void {
    const context = this.#canvas.getContext('2d');
    if (!context || this.#width <= 0) return;
    const picture = this.#draw(this.#width);
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(picture.width * ratio), Math.round(picture.height * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#canvas.style.width = `${picture.width}px`;
      this.#canvas.style.height = `${picture.height}px`;
      // A canvas of another size has forgotten its font.
      this.#look = undefined;
    }
    if (!this.#look) {
      this.#look = readLook(this.#canvas);
      context.font = this.#look.font;
    }
    paint(context, picture, this.#look, ratio);
  }
}
