/**
 * The secrets that a drill refers to, looked for while it is planned: one that is missing would show only when a restore has
 * been paid for, or a fault injected. None of them is kept.
 */
import { indexAt } from '../actions/secret-stores.ts';
import type { Standing } from '../actions/made-target.ts';
import type { Aws } from '../aws/aws.ts';
import type { ActionSpec, Params, ProbeSpec } from '../domain/catalogue.ts';
import type { Drill } from '../domain/drill.ts';
import { FiredrillError } from '../domain/errors.ts';
import { metaOf } from '../domain/fields.ts';
import type { Finding } from '../domain/plan.ts';
import { absenceOf } from '../secrets/presence.ts';
import { standingsOf } from './standing.ts';

export interface SecretDeps {
  aws: Aws;
  env: NodeJS.ProcessEnv;
  actionSpec(uses: string): ActionSpec;
  probeSpec(uses: string): ProbeSpec;
}

/** A reference, and what in the definition has it. */
interface Use {
  reference: string;
  /** Place and name in the definition. */
  where: string;
  /** Whose stores are meant. */
  standing?: Standing;
}

/** A refusal for each reference that nothing stands behind. */
export async function missingSecrets(deps: SecretDeps, drill: Drill): Promise<Finding[]> {
  const uses = new Map<string, Use[]>();
  for (const use of usesOf(deps, drill)) {
    const key = `${use.reference} ${use.standing?.location ?? ''}`;
    uses.set(key, [...(uses.get(key) ?? []), use]);
  }
  const findings = await Promise.all([...uses.values()].map((alike) => findingOf(deps, alike)));
  return findings.flatMap((finding) => finding ?? []);
}

function usesOf(deps: SecretDeps, drill: Drill): Use[] {
  const { file } = drill;
  const standingOf = standingsOf(drill, (uses) => deps.actionSpec(uses));
  return [
    ...Object.values(drill.targets).flatMap(({ name, login }) =>
      login === undefined ? [] : [{ reference: login, where: `${file}: login of target ${name}` }],
    ),
    ...Object.values(drill.probes).flatMap((probe) =>
      secretsIn(deps.probeSpec(probe.uses).params, probe.with).map(([key, reference]) => ({
        reference,
        where: `${file}: ${key} of probe ${probe.name}`,
      })),
    ),
    ...Object.values(drill.steps)
      .flat(2)
      .flatMap(({ id, uses, at, ...step }) =>
        secretsIn(deps.actionSpec(uses).params, step.with).map(([key, reference]) => ({
          reference,
          where: `${at.file}:${at.line}:${at.column}: ${key} of step ${id}`,
          standing: standingOf(id),
        })),
      ),
  ];
}

const secretsIn = ({ shape }: Params, values: Readonly<Record<string, unknown>>): [key: string, reference: string][] =>
  Object.entries(shape).flatMap(([key, field]) => {
    const value = values[key];
    return metaOf(field as never)?.kind === 'secret' && typeof value === 'string' ? [[key, value] as const] : [];
  }) as [string, string][];

async function findingOf({ aws, env }: SecretDeps, uses: readonly Use[]): Promise<Finding | undefined> {
  const [{ reference, standing }] = uses as [Use];
  const wheres = uses.map(({ where }) => where).join('; ');
  const refuse = (code: string, said: string, remedy: string | undefined): Finding => ({
    severity: 'refuse',
    code,
    message: `${reference} ${said} (${wheres})`,
    remedy,
  });
  try {
    const absence = await absenceOf(reference, env, standing && indexAt(aws, standing));
    return absence && refuse('secret-missing', absence.said, absence.remedy);
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    return refuse(error.code, `can't be looked for: ${error.message}`, error.remedy);
  }
}
