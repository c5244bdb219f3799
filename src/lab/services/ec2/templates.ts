/** Launch templates: the one that a call means, and its version. */
import type { LaunchTemplateSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import { ec2State } from '../../world/ec2.ts';
import type { LaunchTemplate } from '../../world/ec2.ts';
import type { Scope, World } from '../../world.ts';

/** @throws AwsError when there is none of that id or name */
export function requireTemplate(world: World, scope: Scope, named: LaunchTemplateSpecification): LaunchTemplate {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = named;
  const template = Object.values(ec2State(world, scope).templates).find((each) => each.id === id || each.name === name);
  if (template !== undefined) return template;
  if (id !== undefined)
    throw new AwsError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  throw new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

/** @throws AwsError for anything but the one version that templates have here */
export function requireVersion({ id }: LaunchTemplate, version: string | undefined): void {
  if (version === undefined || ['1', '$Default', '$Latest'].includes(version)) return;
  if (!/^\d+$/.test(version))
    throw new AwsError('InvalidParameterValue', `Value (${version}) for parameter Version is invalid.`);
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find launch template version ${version} for launch template ${id}.`,
  );
}
