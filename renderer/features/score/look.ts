/** Colours as the canvas takes them. */
export interface Look {
  readonly line: string;
  readonly dim: string;
  readonly text: string;
  readonly surface: string;
  readonly accent: string;
  readonly blue: string;
  readonly amber: string;
  readonly red: string;
  readonly font: string;
}

/** The theme's colours, resolved: a custom property itself may still hold both themes. */
export function readLook(canvas: HTMLCanvasElement): Look {
  const computed = getComputedStyle(canvas);
  const colour = (name: string): string => {
    canvas.style.color = `var(--${name})`;
    return computed.color;
  };
  const look = {
    line: colour('line'),
    dim: colour('dim'),
    text: colour('text'),
    surface: colour('surface'),
    accent: colour('accent'),
    blue: colour('blue'),
    amber: colour('amber'),
    red: colour('red'),
    font: `11px ${computed.fontFamily}`,
  };
  canvas.style.color = '';
  return look;
}

/** Calls when the colours are others. Returns what ends it. */
export function onLookChange(changed: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'lang'] });
  return () => {
    dark.removeEventListener('change', changed);
    observer.disconnect();
  };
}
