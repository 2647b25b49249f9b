import { type ErrorCode, errorCodes, type Retry } from './codes.ts';

/** Values that a sentence about an error may name. They must never hold a secret. */
export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

/** The form in which an error crosses a process or machine boundary. */
export interface ErrorJson {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
}

/**
 * An expected failure: something a person or a peer did or a machine lacks. Everything else that is
 * thrown is a bug and is treated as one (the service that threw it is restarted).
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, cause?: unknown) {
    super(`${code} ${JSON.stringify(params)}`, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.params = params;
  }

  get retry(): Retry {
    return errorCodes[this.code];
  }

  toJSON(): ErrorJson {
    return { code: this.code, params: this.params };
  }

  static fromJSON(json: ErrorJson): AppError {
    return new AppError(json.code, json.params);
  }
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errorCodes, value);
}
