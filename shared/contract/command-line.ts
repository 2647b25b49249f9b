import { z } from 'zod';
import { calls } from './calls.ts';
import { doctorReport } from './doctor.ts';
import { routePreview } from './peers.ts';
import { name } from './primitives.ts';
import { publishJob, publishPlan } from './publishing.ts';
import { peerStatus } from './status.ts';

/** What each command of `lockstep` prints with `--json`: one line of JSON of this shape. Keys are only ever added. */
export const commandOutputs = {
  init: z.object({ dataDir: z.string(), node: z.object({ name, role: z.enum(['master', 'mirror']) }) }),
  'site add': calls['site.add'].result,
  'site remove': calls['site.remove'].result,
  'site rescan': calls['site.rescan'].result,
  'site ls': calls['site.browse'].result.shape.rows,
  'site find': calls['site.find'].result.shape.rows,
  'site show': calls['site.file'].result,
  'version list': calls['version.list'].result,
  'version restore': calls['version.restore'].result,
  /** `password` only where it was made by the command. */
  'account add': z.object({ user: z.string(), password: z.string().optional() }),
  'account list': calls['account.list'].result,
  'account remove': calls['account.remove'].result,
  'account unlock': calls['account.unlock'].result,
  /** `password` only where it was made by the command. */
  'account password': z.object({ user: z.string(), password: z.string().optional() }),
  'config get': calls['config.get'].result,
  'config set': calls['config.set'].result,
  'site set': calls['site.set'].result,
  invite: calls['pairing.invite'].result,
  addresses: calls['pairing.addresses'].result,
  join: calls['pairing.join'].result,
  status: calls['node.status'].result,
  wait: z.object({ inStep: z.boolean(), behind: z.array(peerStatus.extend({ site: name })) }),
  history: calls['history.list'].result,
  pause: calls['node.pause'].result,
  resume: calls['node.resume'].result,
  'peer list': calls['peer.list'].result,
  /** How it stands in each site that the two have in common, why, and what it gets. */
  'peer show': z.object({
    peer: calls['peer.list'].result.element,
    sites: z.array(
      z.object({
        site: name,
        status: peerStatus,
        reasons: z.array(z.object({ code: z.string(), sentence: z.string() })),
        /** Patterns of the routes that name it; `["**"]` where there are no routes. Absent at a mirror. */
        gets: z.array(z.string()).optional(),
      }),
    ),
  }),
  'peer dial': calls['peer.dial'].result,
  'peer pause': calls['peer.pause'].result,
  'peer resume': calls['peer.resume'].result,
  'peer limit': calls['peer.limit'].result,
  'peer remove': calls['peer.remove'].result,
  'follow list': calls['follow.list'].result,
  'follow set': calls['follow.set'].result,
  'follow drift': calls['follow.drift'].result,
  'follow pause': calls['follow.pause'].result,
  'follow resume': calls['follow.resume'].result,
  'follow remove': calls['follow.remove'].result,
  'waiting list': calls['waiting.list'].result,
  'waiting publish': calls['waiting.resolve'].result,
  'waiting discard': calls['waiting.resolve'].result,
  'group add': calls['group.add'].result,
  'group list': calls['group.list'].result,
  'group remove': calls['group.remove'].result,
  'group commit': calls['group.commit'].result,
  'link add': calls['link.add'].result,
  'link list': calls['link.list'].result,
  'link missing': calls['link.list'].result,
  'link remove': calls['link.remove'].result,
  /** A plan with `--dry-run`, else the drop as it ended. */
  publish: z.union([publishPlan, publishJob]),
  'drop list': calls['publish.list'].result,
  'drop cancel': calls['publish.cancel'].result,
  'drop resume': calls['publish.resume'].result,
  'target add': calls['target.add'].result,
  'target list': calls['target.list'].result,
  'target test': calls['target.test'].result,
  'target import': calls['target.import'].result,
  'target remove': calls['target.remove'].result,
  'release list': calls['release.list'].result,
  'release show': calls['release.show'].result,
  'release publish': calls['release.publish'].result,
  'release rollback': calls['release.rollback'].result,
  'release preview': calls['release.preview'].result,
  'release compare': calls['release.compare'].result,
  'release go': calls['release.go'].result,
  'route list': calls['route.list'].result,
  /** With `--dry-run` what it would mean; so for `route add` and `route remove`. */
  'route set': z.union([calls['route.set'].result, routePreview]),
  'route add': z.union([calls['route.add'].result, routePreview]),
  'route remove': z.union([calls['route.remove'].result, routePreview]),
  'route test': calls['route.test'].result,
  backup: z.object({ file: z.string(), bytes: z.int(), notSaved: z.array(z.string()) }),
  /** `error`: the code of why its folder was not read. */
  restore: z.object({
    node: z.object({ name, role: z.enum(['master', 'mirror']) }),
    sites: z.array(z.object({ name, found: z.int(), changed: z.int(), error: z.string().optional() })),
  }),
  log: calls['log.page'].result.shape.lines,
  'log record': calls['log.record'].result,
  console: z.object({ url: z.string() }),
  doctor: doctorReport,
} as const;
