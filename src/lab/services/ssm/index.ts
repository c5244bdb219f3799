/** AWS Systems Manager in the lab: Parameter Store, and nothing else of it. Source: Systems Manager API reference. */
import type { ServiceEmulation } from '../../wire/handler.ts';
import type { World } from '../../world.ts';
import { deleteParameter } from './delete-parameter.ts';
import { describeParameters } from './describe-parameters.ts';
import { getParameter } from './get-parameter.ts';
import { getParameters } from './get-parameters.ts';
import { putParameter } from './put-parameter.ts';

export const ssm = (world: World): ServiceEmulation => ({
  client: 'ssm',
  operations: {
    DeleteParameter: deleteParameter(world),
    DescribeParameters: describeParameters(world),
    GetParameter: getParameter(world),
    GetParameters: getParameters(world),
    PutParameter: putParameter(world),
  },
});
