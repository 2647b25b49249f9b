/** Where a reader of HTML stands: among SVG or MathML, or (again) among HTML. */
export interface ForeignContent {
  readonly inside: boolean;
  readonly depth: number;
  open(name: string, selfClosing: boolean): void;
  close(name: string): void;
}

/**
 * HTML Standard §13.2.6.5, as far as it can be followed without a stack of all open elements. What depends on it is small:
 * whether `<style>`, `<script>` and `<title>` hold text or markup, and whether `<image>` is an `<img>`.
 */
export function trackForeignContent(): ForeignContent {
  /** The open `svg` and `math` elements, and within them those in which HTML goes on. */
  const open: string[] = [];
  const inside = (): boolean => ROOTS.has(open.at(-1) ?? '');
  /** A tag of HTML ends the foreign content that somebody forgot to close. */
  const breakOut = (): void => {
    while (inside()) open.pop();
  };
  return {
    get inside() {
      return inside();
    },
    get depth() {
      return open.length;
    },
    open(name, selfClosing) {
      if (inside() && BREAKS_OUT.has(name)) breakOut();
      if (selfClosing && (inside() || ROOTS.has(name))) return;
      if (ROOTS.has(name) || (inside() && HTML_INTEGRATION.has(name))) open.push(name);
    },
    close(name) {
      if (inside() && BREAKS_OUT.has(name)) breakOut();
      if (ROOTS.has(name) || HTML_INTEGRATION.has(name)) {
        const at = open.lastIndexOf(name);
        if (at >= 0) open.length = at;
      }
    },
  };
}

const ROOTS: ReadonlySet<string> = new Set(['svg', 'math']);
const HTML_INTEGRATION: ReadonlySet<string> = new Set([
  'foreignobject',
  'foreignObject',
  'desc',
  'title',
  'mi',
  'mo',
  'mn',
  'ms',
  'mtext',
]);
const BREAKS_OUT: ReadonlySet<string> = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ' +
    'ol p pre ruby s small span strong strike sub sup table tt u ul var'
  ).split(' '),
);
