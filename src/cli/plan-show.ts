/** What `plan` prints. */
import { withApp } from '../app/with-app.ts';
import { environmentOf, planRun } from '../app/start-run.ts';
import type { Drill } from '../domain/drill.ts';
import type { Plan, PlannedStep } from '../domain/plan.ts';
import { duration } from '../report/quantities.ts';
import { paintFor, paragraph } from '../report/terminal.ts';
import type { Paint } from '../report/terminal.ts';
import type { Frame } from './frame.ts';

export async function showPlan(frame: Frame, drill: Drill, json: boolean): Promise<void> {
  await withApp(frame.env, async (app) => {
    const plan = await planRun(app, { drill, environment: environmentOf(frame.env), env: frame.env });
    frame.out(json ? JSON.stringify(plan, null, 2) : planText(plan, frame));
    if (plan.findings.some(({ severity }) => severity === 'refuse')) frame.setExit(2);
  });
}

export function planText(plan: Plan, { columns, color }: Pick<Frame, 'columns' | 'color'>): string {
  const paint = paintFor(color);
  const width = Math.min(columns, 120);
  return [
    paint.bold(plan.drill.title),
    ...targets(plan),
    '',
    ...steps(plan, width, paint),
    ...findings(plan, width, paint),
    ...permissions(plan, width, paint),
    '',
    'Nothing was changed.',
  ].join('\n');
}

function targets(plan: Plan): string[] {
  return Object.values(plan.targets).map(({ name, account, region, items }) => {
    const found = items.length > 0 ? items.map(({ id }) => id).join(', ') : 'nothing yet';
    return `  ${name.padEnd(14)} ${account} ${region.padEnd(14)} ${found}`;
  });
}

function steps(plan: Plan, width: number, paint: Paint): string[] {
  let phase = '';
  return plan.steps.flatMap((step) => {
    const heading = step.phase === phase ? [] : [paint.bold(step.phase)];
    phase = step.phase;
    return [...heading, ...stepLines(plan, step, width, paint)];
  });
}

function stepLines(plan: Plan, step: PlannedStep, width: number, paint: Paint): string[] {
  const shown = plan.previews.find((preview) => preview.step === step.id);
  const beside = plan.steps.filter((other) => other.group === step.group).length > 1;
  const first = `  ${step.id.padEnd(18)} ${step.uses}${beside ? '  (beside others)' : ''}${step.implicit ? '  (added)' : ''}`;
  const detail = (lead: string, text: string) =>
    paragraph(text, width - 6, lead).map((line) => `      ${paint.dim(line)}`);
  if (step.skip) return [first, ...detail('skipped  ', step.skip)];
  return [
    first,
    ...(shown && shown.touches.length > 0 ? detail('touches  ', shown.touches.join(', ')) : []),
    ...detail('undo     ', undoWords(step, shown?.undo)),
    ...detail('at most  ', duration(step.timeoutMs)),
  ];
}

function undoWords(step: PlannedStep, undo: string | undefined): string {
  if (step.pivot !== undefined) return 'none: from here on the run only goes forward (pivot)';
  if (step.effect === 'observes') return 'nothing to undo, it only looks';
  if (step.undoes !== undefined) return `it is the undo of ${step.undoes}`;
  return undo ?? 'writes back what was there before';
}

function findings(plan: Plan, width: number, paint: Paint): string[] {
  if (plan.findings.length === 0) return [];
  const lines = plan.findings.flatMap(({ severity, message, remedy }) => {
    const lead = `  ${severity}: `;
    const word = severity === 'refuse' ? paint.bad : severity === 'warn' ? paint.warn : paint.dim;
    return paragraph(remedy ? `${message} ${remedy}` : message, width, lead).map((line, i) =>
      i === 0 ? word(line) : line,
    );
  });
  return ['', paint.bold('What to know'), ...lines];
}

function permissions(plan: Plan, width: number, paint: Paint): string[] {
  const names = [
    ...new Set(plan.previews.flatMap((preview) => preview.permissions.map(({ action }) => action))),
  ].sort();
  return names.length === 0 ? [] : ['', paint.bold('Permissions'), ...paragraph(names.join(', '), width, '  ')];
}
