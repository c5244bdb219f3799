/** DescribeLaunchTemplates by id, name or tag. Templates have one version. */
import type { DescribeLaunchTemplatesCommandInput, DescribeLaunchTemplatesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../wire/handler.ts';
import type { Handler } from '../../wire/handler.ts';
import { ec2State, tagsOf } from '../../world/ec2.ts';
import type { World } from '../../world.ts';
import { byIds, filtered, pageOf } from './select.ts';

export const describeLaunchTemplates =
  (world: World): Handler<DescribeLaunchTemplatesCommandInput, DescribeLaunchTemplatesCommandOutput> =>
  (input, call) => {
    const state = ec2State(world, call);
    const byName = Object.fromEntries(Object.values(state.templates).map((template) => [template.name, template]));
    const missing = (id: string): AwsError =>
      new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
    const missingName = (name: string): AwsError =>
      new AwsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `At least one of the launch templates specified in the request does not exist.: ${name}`,
      );
    const chosen =
      input.LaunchTemplateNames === undefined
        ? byIds(state.templates, input.LaunchTemplateIds, missing)
        : byIds(byName, input.LaunchTemplateNames, missingName);
    const found = filtered(state, chosen, input.Filters, (template, name) =>
      name === 'launch-template-name' ? [template.name] : undefined,
    );
    const { items, next } = pageOf(found, input);
    return {
      NextToken: next,
      LaunchTemplates: items.map((template) => ({
        LaunchTemplateId: template.id,
        LaunchTemplateName: template.name,
        CreateTime: new Date(template.createdAt),
        DefaultVersionNumber: 1,
        LatestVersionNumber: 1,
        Tags: tagsOf(state, template.id),
      })),
    };
  };
