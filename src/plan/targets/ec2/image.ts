/**
 * Target `ec2/image`: an Amazon Machine Image, by its id, or the newest usable one of a name and an owner. Which one that is, is
 * known when the plan is made: a run launches what its plan shows.
 */
import type { Image } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { text } from '../../../domain/fields.ts';
import type { ResolvedTarget } from '../../../domain/plan.ts';
import { noneIfNotFound } from '../absent.ts';
import { allPages } from '../pages.ts';
import type { Pattern } from '../target.ts';
import { defineTarget } from '../target.ts';
import { imageId, imageOwner } from '../written.ts';

const params = z
  .strictObject({
    id: imageId('id of the image (ami-...)').optional(),
    name: text('its name, where * and ? stand for anything: the newest available one').optional(),
    owner: imageOwner('with name: account that owns it, or amazon; default: self').optional(),
  })
  .refine(({ id, name }) => (id === undefined) !== (name === undefined), 'say either id or name')
  .refine(({ id, owner }) => id === undefined || owner === undefined, 'owner goes with name');

export const image = defineTarget({
  spec: {
    type: 'ec2/image',
    describes: 'An Amazon Machine Image (AMI)',
    params,
    facts: {
      name: 'name',
      createdAt: 'when it was made, ISO 8601',
      architecture: 'processor architecture',
      owner: 'account that owns it',
    },
  },
  reads: ['ec2:DescribeImages'],
  patternOf,
  async find(aws, { id, name, owner = 'self' }, place) {
    const { ec2 } = aws.in(place);
    const usable = { Name: 'state', Values: ['available'] };
    const select =
      name === undefined
        ? { ImageIds: [id!], Filters: [usable] }
        : { Owners: [owner], Filters: [{ Name: 'name', Values: [name] }, usable] };
    const found = await noneIfNotFound(() =>
      allPages(async (NextToken) => {
        const { Images: items = [], NextToken: next } = await ec2.describeImages({ ...select, NextToken });
        return { items, next };
      }),
    );
    const newest = found.toSorted((a, b) => ((a.CreationDate ?? '') < (b.CreationDate ?? '') ? 1 : -1)).slice(0, 1);
    return newest.map((each) => ({
      id: each.ImageId!,
      arn: `arn:aws:ec2:${place.region}::image/${each.ImageId}`,
      facts: factsOf(each),
    }));
  },
});

const factsOf = ({ Name, CreationDate, Architecture, OwnerId, BlockDeviceMappings = [] }: Image) => ({
  name: Name,
  createdAt: CreationDate,
  architecture: Architecture,
  owner: OwnerId,
  /** Devices whose volumes outlive an instance, unless its launch says otherwise. */
  keptVolumes: BlockDeviceMappings.flatMap(({ DeviceName, Ebs }) =>
    Ebs?.DeleteOnTermination === false && DeviceName !== undefined ? [DeviceName] : [],
  ).sort(),
});

/**
 * The next image of a name has another id. IAM is told who owns an image, not what its name is.
 * Source: Service Authorization Reference, Amazon EC2, resource type image.
 */
function patternOf({ region, name: target, select: { name, owner }, items }: ResolvedTarget): Pattern | undefined {
  if (typeof name !== 'string') return undefined;
  const by = owner === undefined || owner === 'self' ? items[0]?.facts['owner'] : owner;
  return {
    resources: [`arn:aws:ec2:${region}::image/*`],
    ...(typeof by === 'string' && { when: { StringEquals: { 'ec2:Owner': by } } }),
    wider: `target ${target}: IAM knows no names of images, so all images of their owner are allowed. With id: it is that one.`,
  };
}
