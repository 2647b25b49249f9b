import { z } from 'zod';
import { publishStart } from '../../../shared/contract/publishing.ts';
import { sitePath } from '../../../shared/contract/primitives.ts';
import { parseJson } from '../../../shared/contract/parse-json.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Store } from './open.ts';
import { int, text, textOrNull } from './rows.ts';

/** Whether much may be deleted is asked anew: the folder may be another one by then. */
const asked = z
  .object(publishStart)
  .omit({ id: true, allowDeletes: true })
  .transform(({ into, together, ...order }) => ({ ...order, into, together }));

/** What a drop has begun at its server, and is to be seen to before it begins anew or is told as cancelled, also by a later process. */
export interface Begun {
  readonly release?: string | undefined;
  /** The server was told to publish that. */
  readonly mayBePublished?: boolean | undefined;
  /** Files that stand at the server under a name of ours, and may not be whole. */
  readonly parts?: readonly SitePath[] | undefined;
  /** What has stepped aside for a new file that has not taken its place yet: visitors miss it. */
  readonly aside?: readonly SitePath[] | undefined;
}

const begun = z.object({
  release: z.string().optional(),
  mayBePublished: z.boolean().optional(),
  parts: z.array(sitePath).optional(),
  aside: z.array(sitePath).optional(),
});

/** A drop that has not ended, as it was asked for. */
export interface OpenDrop {
  readonly id: string;
  readonly startedAt: Millis;
  readonly asked: z.output<typeof asked>;
  readonly begun: Begun;
}

interface UnreadableDrop {
  readonly id: string;
  readonly asked: string;
  readonly begun: string | null;
}

/** The release that a drop was published as. */
export interface DropRelease {
  readonly release: number;
  readonly changes: number;
  readonly at: Millis;
}

/** The drops that have not ended. How far they are nobody writes down: it is what the place has by then. */
export class OpenDrops {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The oldest first. `unreadable`: what was noted of others, which nobody can go on with: it is damaged. */
  list(): { readonly drops: OpenDrop[]; readonly unreadable: UnreadableDrop[] } {
    const drops: OpenDrop[] = [];
    const unreadable: UnreadableDrop[] = [];
    for (const row of this.#store.all('SELECT * FROM open_drop ORDER BY rowid')) {
      const id = text(row['id']);
      const noted = { asked: text(row['asked']), begun: textOrNull(row['begun'] ?? null) };
      const order = asked.safeParse(parseJson(noted.asked));
      const found = begun.safeParse(parseJson(noted.begun ?? '{}'));
      if (order.success && found.success)
        drops.push({ id, startedAt: int(row['started_at']), asked: order.data, begun: found.data });
      else unreadable.push({ id, ...noted });
    }
    return { drops, unreadable };
  }

  note(id: string, found: Begun): void {
    this.#store.run('UPDATE open_drop SET begun = ? WHERE id = ?', JSON.stringify(found), id);
  }

  add({ id, startedAt, asked: order }: Omit<OpenDrop, 'begun'>): void {
    this.#store.run(
      'INSERT INTO open_drop (id, started_at, asked) VALUES (?, ?, ?)',
      id,
      startedAt,
      JSON.stringify(order),
    );
  }

  /** It has ended. Idempotent. */
  remove(id: string): void {
    this.#store.run('DELETE FROM open_drop WHERE id = ?', id);
  }

  /** Undefined: no site of this master has a release that was this drop. */
  releaseOf(id: string): DropRelease | undefined {
    const row = this.#store.get(
      `SELECT id, at, (SELECT count(*) FROM release_before AS b WHERE b.site = r.site AND b.release = r.id) AS changes
       FROM release AS r WHERE drop_id = ?`,
      id,
    );
    return row && { release: int(row['id']), at: int(row['at']), changes: int(row['changes']) };
  }
}
