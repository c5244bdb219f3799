/** What `plan` does: resolves a drill against what exists, and shows what would happen. */
import { permissionsOf, rolesOf } from '../app/permissions.ts';
import { environmentOf, planRun } from '../app/start-run.ts';
import type { Drill } from '../domain/drill.ts';
import type { Frame } from './frame.ts';
import { looking } from './looking.ts';
import { planText } from './plan-text.ts';
import { during } from './progress.ts';

export async function showPlan(frame: Frame, drill: Drill, json: boolean): Promise<void> {
  await looking(frame, async (app, unlessStopped) => {
    const planning = unlessStopped(planRun(app, { drill, environment: environmentOf(frame.env), env: frame.env }));
    const plan = await during(frame, { doing: 'planning' }, planning);
    const needed = { permissions: permissionsOf(plan), assumes: rolesOf(plan) };
    frame.out(json ? JSON.stringify({ ...plan, ...needed }, null, 2) : planText(plan, frame));
    if (plan.findings.some(({ severity }) => severity === 'refuse')) frame.setExit(2);
  });
}
