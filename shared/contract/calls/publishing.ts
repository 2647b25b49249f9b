import { z } from 'zod';
import { name } from '../primitives.ts';
import {
  publishJob,
  publishOrder,
  publishPlan,
  publishStart,
  target,
  targetPassword,
  targetPlace,
  targetTest,
} from '../publishing.ts';
import { IMPORT_ENTRIES_MAX, IMPORT_LENGTH_MAX, targetImport } from '../target-import.ts';
import { call } from './call.ts';

/** Of drops, and of the FTP servers that they may go to. */
export const publishingCalls = {
  /** What a drop would change. Nothing is changed; a target is looked at over FTP. */
  'publish.plan': call(z.strictObject(publishOrder), publishPlan),
  /** Begins a drop, or puts it behind the one for the same place. It goes on whatever becomes of who asked. */
  'publish.start': call(z.strictObject(publishStart), publishJob),
  /** Those that run and wait, and the last ones that have ended, in the order in which they were started. */
  'publish.list': call(z.strictObject({}), z.array(publishJob)),
  /** Resolves when nothing of it can become visible any more. Rejects `publish.ended` where it is too late. */
  'publish.cancel': call(z.strictObject({ job: z.string().max(64) }), publishJob),
  /** One that has stopped goes on where it stopped. */
  'publish.resume': call(
    z.strictObject({ job: z.string().max(64), allowDeletes: z.boolean().default(false) }),
    publishJob,
  ),
  /** Forgets one that has ended. */
  'publish.dismiss': call(z.strictObject({ job: z.string().max(64) }), z.object({ job: z.string() })),
  'target.list': call(z.strictObject({}), z.array(target)),
  /**
   * Saves an FTP server. `remember` false: its password is kept until this run ends. `replace`: one of that name may be there;
   * without a password it keeps the one that it had. Rejects `target.exists`, `secret.unprotected`.
   */
  'target.add': call(
    z.strictObject({
      target: targetPlace,
      password: targetPassword.optional(),
      remember: z.boolean().default(true),
      replace: z.boolean().default(false),
    }),
    target,
  ),
  'target.remove': call(z.strictObject({ name }), z.object({ name })),
  /**
   * Connects, logs in and looks: a saved one by its `name`, or one that is not saved yet (`target`; without a password: with
   * that of the saved one of its name). The password is not sent before the
   * certificate is trusted.
   */
  'target.test': call(
    z.strictObject({ name: name.optional(), target: targetPlace.optional(), password: targetPassword.optional() }),
    targetTest,
  ),
  /**
   * Saves the logins of a file (FileZilla, netrc), under names that no target has; `only`: those of these names, or
   * nothing where one is not in the file. `dryRun`: what would be saved. Rejects `import.*`, `secret.unprotected`.
   */
  'target.import': call(
    z.strictObject({
      text: z.string().max(IMPORT_LENGTH_MAX),
      only: z.array(name).max(IMPORT_ENTRIES_MAX).optional(),
      dryRun: z.boolean().default(false),
    }),
    targetImport,
  ),
} as const;
