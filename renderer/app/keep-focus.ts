const FOCUSABLE = ':is(a[href], button, input, select, textarea, [tabindex="0"]):not(:disabled)';

/**
 * Whoever works by the keyboard does not lose their place. A control that was out of use while it worked has the focus again
 * afterwards; where one is gone for good, what stands nearest to it has it. Browsers leave it to nobody in both cases. Returns
 * what ends it.
 */
export function keepFocus(): () => void {
  let at: Element | undefined;
  const focused = ({ target }: FocusEvent): void => {
    at = target instanceof Element ? target : undefined;
  };
  // Whoever clicks beside it wants to leave it.
  const pressed = (): void => {
    at = undefined;
  };
  const observer = new MutationObserver((records) => {
    const left = at;
    if (left === undefined || !isNobodyFocused()) return;
    if (left.isConnected) {
      if (records.some(({ attributeName }) => attributeName !== null) && !left.matches(':disabled')) focus(left);
      return;
    }
    at = undefined;
    const place = records.find(({ target, removedNodes }) => target.isConnected && holds(removedNodes, left));
    // Another place begins at its top; whoever shows it says so first.
    if (place !== undefined) setTimeout(() => isNobodyFocused() && focus(nearest(place)));
  });
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
  addEventListener('focusin', focused);
  addEventListener('pointerdown', pressed, true);
  return () => {
    observer.disconnect();
    removeEventListener('focusin', focused);
    removeEventListener('pointerdown', pressed, true);
  };
}

function isNobodyFocused(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function holds(nodes: NodeList, element: Element): boolean {
  return [...nodes].some((node) => node.contains(element));
}

/** What took its place or follows it, what stands before it, what is around it; in the end the screen. */
function nearest({ target, nextSibling, previousSibling, addedNodes }: MutationRecord): Element | null {
  for (const node of [...addedNodes, nextSibling, previousSibling]) {
    const found = node instanceof Element && node.isConnected ? firstIn(node) : undefined;
    if (found) return found;
  }
  for (let around = target as Element | null; around && !around.matches('main, body'); around = around.parentElement) {
    const found = firstIn(around);
    if (found) return found;
  }
  return document.querySelector('main');
}

function firstIn(element: Element): Element | undefined {
  // Of all that there is the screen: not the way past the navigation, which only the keyboard is shown.
  const screen = element.querySelector('main');
  if (screen) return screen;
  const all = [element, ...element.querySelectorAll(FOCUSABLE)];
  return all.find((each) => each.matches(FOCUSABLE) && each.checkVisibility());
}

function focus(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
