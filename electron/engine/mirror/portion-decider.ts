import { isWithin, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Planner } from '../tree/planner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Decider, Decision } from './decider.ts';
import type { Publications } from './publications.ts';
import type { Portion, ReadySet } from './publish-queue.ts';
import type { Ready } from './ready.ts';
import { stagedFiles, type Survey, surveyPlaces } from './survey.ts';

export interface PortionDeciderOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly planner: Planner;
  readonly decider: Decider;
  /** Where the decisions are written down. */
  readonly publications: Publications;
  /** What stands in the place of a want cannot be looked at, or is in the way itself. Within the transaction. */
  readonly onFailed: (want: Want, error: AppError) => void;
}

/** Of a portion, what is not on its way to be published. */
export interface Undecided {
  /** Something else has to be published first. */
  readonly blocked: readonly Ready[];
  readonly unused: readonly Ready[];
  /** Of sets that are not as they were planned. */
  readonly returned: readonly Ready[];
  /** Is not ready any more. */
  readonly changed: ReadonlySet<Ready>;
}

/** What was seen of a portion's places in the tree. */
interface Look {
  readonly survey: Survey;
  /** What cannot be published now, and why. */
  readonly refused: ReadonlyMap<Ready, AppError>;
}

/** Decides what is ready, a portion in one transaction, by what stands in the tree. */
export class PortionDecider {
  readonly #options: PortionDeciderOptions;

  constructor(options: PortionDeciderOptions) {
    this.#options = options;
  }

  /** `putBack`: it is to be decided once more, as a rename comes before it, or, rejecting, as the database did not take it. */
  async decide(portion: Portion, putBack: (portion: Portion) => void): Promise<Undecided | undefined> {
    const { state, decider, publications } = this.#options;
    let placed = new Map<Ready, string>();
    try {
      const look = await this.#look(portion);
      if (!look) {
        putBack(portion);
        return undefined;
      }
      const seen = portion.single.filter((each) => !look.refused.has(each));
      placed = state.store.reading(() => decider.placeAhead(seen, look.survey));
      return state.store.transaction(() => this.#order(portion, look, placed));
    } catch (error) {
      const single = portion.single.map(
        (ready): Ready => (placed.has(ready) ? { ...ready, staged: null, stands: true } : ready),
      );
      putBack({ ...portion, single });
      publications.rolledBack();
      throw error;
    }
  }

  /** Undefined: a rename was ordered meanwhile, and comes before it: what was seen there is not what will be there. */
  async #look({ single, sets }: Portion): Promise<Look | undefined> {
    const { state, root, planner } = this.#options;
    const all = [...single, ...sets.flatMap(({ ready }) => ready)];
    const stuck = await planner.makeWayForFiles(stagedFiles(all));
    const survey = await surveyPlaces(root, state, all);
    root.requireThere();
    if (all.some(({ want }) => planner.isPending(want.path))) return undefined;
    const refused = new Map(survey.unseen);
    state.store.reading(() => this.#findUnderFiles(single, sets, survey, refused));
    for (const each of all) {
      const error = stuck.get(each.want.path);
      if (error) refused.set(each, error);
    }
    return { survey, refused };
  }

  /** Within the transaction. */
  #order({ single, sets }: Portion, { survey, refused }: Look, placed: ReadonlyMap<Ready, string>): Undecided {
    const { decider, publications } = this.#options;
    const changed = new Set([...survey.changed, ...refused.keys()]);
    const blocked: Ready[] = [];
    const unused = single.filter((each) => changed.has(each));
    const decide = (ready: Ready): Decision[] => {
      const decided = decider.decide(ready, survey, placed.get(ready));
      if (typeof decided === 'object') return [decided];
      (decided === 'blocked' ? blocked : unused).push(ready);
      return [];
    };
    for (const each of survey.changed) this.#wantAnew(each);
    for (const [each, error] of refused) this.#failed(each, error);
    const decided = single.filter((each) => !changed.has(each)).flatMap(decide);
    const isPlaced = ({ ready }: Decision): boolean => placed.has(ready);
    const stand = decided.filter(isPlaced);
    // What is carried out already has nothing to be undone one by one: one plan tells of all of it.
    if (stand.length > 0) publications.order(stand, true);
    for (const each of decided) if (!isPlaced(each)) publications.order([each]);
    // A set with a member that was overtaken is not what was planned, nor is what comes after it.
    const isAsPlanned = (each: Ready): boolean => !changed.has(each) && decider.wanted(each) !== undefined;
    const overtaken = sets.findIndex(({ ready }) => !ready.every(isAsPlanned));
    const planned = overtaken < 0 ? sets : sets.slice(0, overtaken);
    for (const set of planned) this.#orderSet(set, decide);
    return { blocked, unused, returned: sets.slice(planned.length).flatMap(({ ready }) => ready), changed };
  }

  #orderSet({ ready, also }: ReadySet, decide: (ready: Ready) => Decision[]): void {
    const { publications } = this.#options;
    const takeBack = also();
    const decisions = ready.flatMap(decide);
    // Folders may hold what is not ours: that keeps nobody else from being published, but what takes their place.
    const isLeftOut = (each: Decision): boolean => isFolderRemoval(each) && !isInTheWay(each, decisions);
    const set = decisions.filter((each) => !isLeftOut(each));
    if (set.length > 0) publications.orderSet(set, takeBack);
    for (const each of decisions) if (isLeftOut(each)) publications.orderAfterSet(each);
  }

  /** Adds of sets what has no folder to be in, as a file is there, and is not about to go. Without it the others of its set would be seen. */
  #findUnderFiles(
    single: readonly Ready[],
    sets: readonly ReadySet[],
    { inTheWay }: Survey,
    found: Map<Ready, AppError>,
  ): void {
    const going = new Set<SitePath>(single.map(({ want }) => want.path));
    for (const { ready } of sets) {
      for (const { want } of ready) going.add(want.path);
      for (const each of ready) {
        const { path, target } = each.want;
        const above = target.kind === 'gone' ? undefined : this.#options.decider.fileAbove(path, inTheWay);
        if (above !== undefined && !going.has(above))
          found.set(each, new AppError('file.not-directory', { path: above }));
      }
    }
  }

  /** It is tried again later. */
  #failed(ready: Ready, error: AppError): void {
    const want = this.#stillWanted(ready);
    if (want) this.#options.onFailed(want, error);
  }

  /** What was ready is not any more. */
  #wantAnew(ready: Ready): void {
    const { wants, transfers } = this.#options.state;
    const want = this.#stillWanted(ready);
    if (!want) return;
    wants.set({ ...want, state: 'queued', staged: null });
    transfers.update(want.transfer, { state: 'queued' });
  }

  #stillWanted(ready: Ready): Want | undefined {
    const want = this.#options.decider.wanted(ready);
    return want?.transfer === ready.want.transfer ? want : undefined;
  }
}

function isFolderRemoval({ want, before }: Decision): boolean {
  return want.target.kind === 'gone' && before?.kind === 'dir';
}

/** Something else takes the place of a folder above it. */
function isInTheWay({ want }: Decision, decisions: readonly Decision[]): boolean {
  return decisions.some(({ steps }) => steps.some((step) => step.do === 'place' && isWithin(want.path, step.path)));
}
