/**
 * Promotion, fencing and the lifting of faults, followed step by step: two primaries that both take writes can't be merged
 * again, so a drill in which that could happen is refused before anything is touched.
 */
import type { Model } from '../model.ts';
import { paramAt } from '../steps.ts';
import type { StepInfo } from '../steps.ts';
import { child, textChild } from '../tree.ts';

interface Fence {
  step: StepInfo;
  phase: StepInfo['phase'];
}

/**
 * Reports what is unsafe.
 * @returns the pivots: promotions of what the drill did not create itself
 */
export function followFencing(model: Model): StepInfo[] {
  const walk = new Walk(model);
  for (const step of model.steps) walk.take(step);
  return walk.finish();
}

class Walk {
  readonly #model: Model;
  readonly #pivots: StepInfo[] = [];
  readonly #fenced = new Map<string, Fence>();
  /** Databases whose fence was proved while they were not the primary of the drill's making. */
  readonly #confirmed = new Set<string>();
  readonly #createdBy = new Set<string>();
  readonly #setAside = new Set<string>();
  readonly #sourceOf = new Map<string, string>();
  #primary: string | undefined;

  constructor(model: Model) {
    this.#model = model;
  }

  take(step: StepInfo): void {
    const { spec } = step;
    if (spec?.fences !== undefined) this.#fence(step, spec.fences);
    if (spec?.setsAside !== undefined) this.#putAside(step, spec.setsAside);
    if (spec?.binds !== undefined) this.#bind(step, spec.binds);
    if (spec?.promotes !== undefined) this.#promote(step, spec.promotes);
    if (step.undoes !== undefined) this.#takeBack(step);
  }

  finish(): StepInfo[] {
    if (this.#pivots.length > 0) {
      for (const step of this.#model.steps) {
        const node = child(step.node, 'for');
        if (step.phase !== 'inject' || step.spec?.fault !== true || !node) continue;
        const message = `'for' may lift '${step.id}' before the old primary is fenced: lift it with an undo step of failback`;
        this.#model.report.add('fault-lifted-before-fence', node.at, message);
      }
    }
    return this.#pivots;
  }

  #fence(step: StepInfo, param: string): void {
    const ref = step.targets.get(param)?.ref;
    if (ref === undefined) return;
    this.#fenced.set(ref, { step, phase: step.phase });
    const proceeds = textChild(child(step.node, 'with'), 'ifUnconfirmed')?.text === 'proceed';
    if (!proceeds && ref !== this.#primary) this.#confirmed.add(ref);
  }

  #putAside(step: StepInfo, param: string): void {
    const ref = step.targets.get(param)?.ref;
    if (ref === undefined) return;
    this.#setAside.add(ref);
    this.#fenced.delete(ref);
    this.#createdBy.delete(ref);
  }

  #bind(step: StepInfo, { as, source }: { as: string; source: string }): void {
    const { report } = this.#model;
    const [bound, from] = [step.targets.get(as), step.targets.get(source)];
    if (!bound) return;
    if (from?.ref === bound.ref) {
      const message = `'${source}' and '${as}' are the same: '${bound.ref}' can't be made from itself`;
      report.add('replica-of-itself', paramAt(step, as), message);
      return;
    }
    const isFree = this.#setAside.has(bound.ref) || bound.target?.mayBeEmpty !== false;
    if (!isFree) {
      const message = `'${bound.ref}' still exists: set it aside first, or declare it with mayBeEmpty: true`;
      report.add('name-still-taken', paramAt(step, as), message);
    }
    if (from) this.#sourceOf.set(bound.ref, from.ref);
    if (!this.#setAside.delete(bound.ref)) this.#createdBy.add(bound.ref);
    this.#fenced.delete(bound.ref);
  }

  #promote(step: StepInfo, param: string): void {
    const { report, stepsUncertain } = this.#model;
    const use = step.targets.get(param);
    if (!use) return;
    if (this.#createdBy.has(use.ref) || this.#isCreatedOutput(use.outputOf)) return;
    this.#pivots.push(step);
    const own = this.#fenced.get(use.ref);
    const source = this.#sourceOf.get(use.ref) ?? this.#primary;
    if (own?.phase === step.phase) {
      const key = own.step.spec!.fences!;
      const message = `'${own.step.id}' fences '${use.ref}', which '${step.id}' promotes: fence its old primary instead`;
      report.add('fences-what-it-promotes', paramAt(own.step, key), message);
    } else if (!stepsUncertain) {
      const safe =
        source === undefined ? [...this.#fenced.keys()].some((ref) => ref !== use.ref) : this.#fenced.has(source);
      const who = source === undefined ? 'its primary' : `its primary '${source}'`;
      const message = `'${step.id}' promotes '${use.ref}' while ${who} is not fenced: both would take writes`;
      if (!safe) report.add('promotes-unfenced', paramAt(step, param), message);
    }
    this.#primary = use.ref;
    this.#fenced.delete(use.ref);
    this.#confirmed.delete(use.ref);
  }

  #isCreatedOutput(id: string | undefined): boolean {
    return id !== undefined && this.#model.steps.find((step) => step.id === id)?.spec?.effect === 'creates';
  }

  #takeBack(step: StepInfo): void {
    const { report, steps, stepsUncertain } = this.#model;
    const undone = steps.find(({ id }) => id === step.undoes);
    const fences = undone?.spec?.fences;
    if (undone && fences !== undefined) {
      const ref = undone.targets.get(fences)?.ref ?? '';
      this.#fenced.delete(ref);
      this.#confirmed.delete(ref);
    }
    if (undone?.spec?.fault !== true || this.#pivots.length === 0 || stepsUncertain) return;
    if (this.#confirmed.size > 0) return;
    const message = `'${step.id}' lifts '${undone.id}' before the old primary is surely fenced: fence it first, without ifUnconfirmed: proceed`;
    report.add('fault-lifted-before-fence', step.at, message);
  }
}
