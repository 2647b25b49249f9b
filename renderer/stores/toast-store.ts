import { create } from 'zustand';
import type { ErrorJson } from '../../shared/errors/app-error.ts';

/** What came of something that a person did, said where it is not seen otherwise. */
export interface Toast {
  readonly id: number;
  /** What was done, or why not. */
  readonly said: string | ErrorJson;
  /** Takes it back. */
  readonly undo?: () => Promise<void>;
}

/** More than these nobody reads at once: the oldest goes. */
const TOASTS_MAX = 3;

interface Toasts {
  readonly toasts: readonly Toast[];
}

export const useToasts = create<Toasts>(() => ({ toasts: [] }));

let last = 0;

export function say(said: string | ErrorJson, undo?: () => Promise<void>): void {
  last += 1;
  const toast: Toast = { id: last, said, ...(undo && { undo }) };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, toast].slice(-TOASTS_MAX) }));
}

export function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
