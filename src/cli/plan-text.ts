/** A plan for a terminal: the targets as they are, every step with its undo, when the run would stop, and what to know. */
import { dangerOf } from '../app/consent.ts';
import { permissionsOf, rolesOf } from '../app/permissions.ts';
import type { Finding, Plan, PlannedStep } from '../domain/plan.ts';
import { duration } from '../report/quantities.ts';
import type { Paint } from '../report/terminal.ts';
import { harmless, paintFor, paragraph, wrap } from '../report/terminal.ts';
import type { Frame } from './frame.ts';

interface Page {
  plan: Plan;
  width: number;
  paint: Paint;
}

export function planText(plan: Plan, { columns, color }: Pick<Frame, 'columns' | 'color'>): string {
  const page: Page = { plan, width: Math.min(120, Math.max(60, columns)), paint: paintFor(color) };
  const blocks = [
    wrap(plan.drill.title, page.width).map((line) => page.paint.bold(line)),
    block('Targets', targets(page), page),
    ...phasesOf(plan).map((phase) => block(phase, steps(page, phase), page)),
    block('Stops', stops(page), page),
    block('What to know', findings(page), page),
    block('Permissions', permissions(page), page),
    ['Nothing was changed.'],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const block = (title: string, lines: readonly string[], { paint }: Page): string[] =>
  lines.length > 0 ? [paint.bold(title), ...lines] : [];

function targets({ plan, width }: Page): string[] {
  const all = Object.values(plan.targets);
  const [name, account, region] = (['name', 'account', 'region'] as const).map((key) =>
    Math.max(...all.map((target) => target[key].length)),
  );
  return all.flatMap((target) => {
    const found = target.items.length > 0 ? target.items.map(({ id }) => id).join(', ') : 'nothing yet';
    const where = `${target.account.padEnd(account!)}  ${target.region.padEnd(region!)}`;
    return paragraph(found, width, `  ${target.name.padEnd(name!)}  ${where}  `);
  });
}

const phasesOf = ({ steps: all }: Plan): string[] => [...new Set(all.map(({ phase }) => phase))];

function steps(page: Page, phase: string): string[] {
  const { plan } = page;
  const id = Math.max(...plan.steps.map((step) => step.id.length));
  return plan.steps.filter((step) => step.phase === phase).flatMap((step) => stepLines(page, step, id));
}

function stepLines({ plan, width, paint }: Page, step: PlannedStep, idWidth: number): string[] {
  const shown = plan.previews.find((preview) => preview.step === step.id);
  const notes = [
    ...(plan.steps.some((other) => other !== step && other.group === step.group) ? ['beside others'] : []),
    ...(step.implicit ? ['added by firedrill'] : []),
  ];
  const first = `  ${step.id.padEnd(idWidth)}  ${step.uses}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`;
  const detail = (lead: string, text: string): string[] =>
    paragraph(text, width - 6, lead.padEnd(9)).map((line) => `      ${paint.dim(line)}`);
  if (step.skip !== undefined) return [first, ...detail('skipped', step.skip)];
  return [
    first,
    ...(shown && shown.touches.length > 0
      ? detail('touches', shown.touches.map((touched) => touchedWords(plan, step, touched)).join(', '))
      : []),
    ...(shown?.checks ?? []).flatMap((line, n) => detail(n === 0 ? 'checks' : '', line)),
    ...detail('undo', undoWords(step, shown?.undo)),
    ...(step.keep === undefined ? [] : detail('keep', step.keep)),
    ...(step.forMs === undefined ? [] : detail('for', duration(step.forMs))),
    ...detail('at most', duration(step.timeoutMs)),
  ];
}

/** Until the run is on, an output has no name but that of its step. */
function touchedWords({ steps: all, targets: known }: Plan, { id }: PlannedStep, touched: string): string {
  const name = touched.replace(/ \(reads\)$/, '');
  return name in known || name === id || !all.some((step) => step.id === name) ? touched : `the output of ${touched}`;
}

function undoWords(step: PlannedStep, undo: string | undefined): string {
  if (step.pivot !== undefined) return 'none: from here on the run only goes forward (pivot)';
  if (step.undoes !== undefined) return `it is the undo of ${step.undoes}`;
  if (step.asks) return 'nothing to undo, it asks';
  if (step.effect === 'observes') return 'nothing to undo, it only looks';
  return undo ?? 'writes back what was there before';
}

/** What would stop the run, or keep it from beginning. */
function stops({ plan, width }: Page): string[] {
  const { maxDurationMs, stopOn, window, blackout } = plan.drill.guardrails;
  const danger = plan.environment === 'lab' ? undefined : dangerOf(plan);
  const lines = [
    `after ${duration(maxDurationMs)}, unless failback has begun`,
    ...stopOn.map((limit) =>
      'alarm' in limit
        ? `when alarm ${limit.alarm} goes off, from inject to the end of recover`
        : `when probe ${limit.probe} is bad for ${duration(limit.badMs)}, from inject to the end of recover`,
    ),
    ...(window
      ? [`begins only ${window.days.join(', ')} from ${window.from} to ${window.to} (${window.timezone})`]
      : []),
    ...blackout.map(({ from, to }) => `never begins from ${from} to ${to}`),
    ...(danger
      ? [
          `begins only with consent: ${danger.steps.join(', ')} would hit production in ${danger.locations.join(', ')} (--consent ${plan.drill.name})`,
        ]
      : []),
  ];
  return lines.flatMap((line) => paragraph(line, width, '  - '));
}

/** What several steps say alike stands once; of things with one name in two regions it is said which. */
function findings({ plan, width, paint }: Page): string[] {
  const tones = { refuse: paint.bad, warn: paint.warn, note: paint.dim };
  const said = new Map<string, { severity: Finding['severity']; steps: string[]; where: string; text: string }>();
  for (const { severity, message, remedy, step } of plan.findings) {
    const text = [message, ...(remedy ? [remedy] : [])].map(sentence).join(' ');
    const where = regionsOf(plan, step);
    const known = said.get(`${where} ${text}`);
    if (!known) said.set(`${where} ${text}`, { severity, steps: step === undefined ? [] : [step], where, text });
    else if (step !== undefined && !known.steps.includes(step)) known.steps.push(step);
  }
  return [...said.values()].flatMap(({ severity, steps: by, where, text }) => {
    const lead = by.length === 0 ? '' : `${by.join(', ')}${where && ` in ${where}`}: `;
    const [first, ...others] = paragraph(`${lead}${text}`, width, `  ${severity}: `);
    return [tones[severity](first!), ...others];
  });
}

/** The regions of what a step touches, as their ARNs say. */
function regionsOf({ previews }: Plan, step: string | undefined): string {
  const touches = previews.find((preview) => preview.step === step)?.touches ?? [];
  return [...new Set(touches.flatMap((touched) => /^arn:[^:]+:[^:]+:([^:]+):/.exec(touched)?.[1] ?? []))].join(', ');
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function permissions({ plan, width }: Page): string[] {
  const names = new Set(permissionsOf(plan).map(({ action }) => action));
  const roles = rolesOf(plan);
  const lines = [
    [...names].sort().join(', '),
    ...(roles.length > 0 ? [`sts:AssumeRole on ${roles.join(', ')}, for the credentials that start firedrill`] : []),
    `As a policy: firedrill iam-policy ${plan.drill.file}${plan.drill.values === 'default' ? '' : ` --values ${plan.drill.values}`}`,
  ];
  return lines.flatMap((line) => paragraph(harmless(line), width, '  '));
}
