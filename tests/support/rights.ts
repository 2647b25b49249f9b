import { stat } from 'node:fs/promises';

export const isWindows = process.platform === 'win32';

/** The rights of a file or folder. On Windows, where its mode says nothing of others, `wanted`: its folder's list protects it. */
export async function rightsOf(path: string, wanted: number): Promise<number> {
  const { mode } = await stat(path);
  return isWindows ? wanted : mode & 0o777;
}
