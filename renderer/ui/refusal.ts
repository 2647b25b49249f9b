import { AppError, type ErrorJson } from '../../shared/errors/app-error.ts';

/** Why a call was refused. What is not an AppError is a bug here, or an answer that does not fit the contract. */
export function refusalOf(error: unknown): ErrorJson {
  return (error instanceof AppError ? error : new AppError('internal', {}, error)).toJSON();
}
