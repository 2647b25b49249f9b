import type { z } from 'zod';

/** What a call takes, and what it resolves. */
export function call<P extends z.ZodType, R extends z.ZodType>(params: P, result: R): { params: P; result: R } {
  return { params, result };
}
