/** Mistakes in how targets are selected. */
import { mistake } from './mistake.ts';
import type { Malformed } from './mistake.ts';

export const targets: readonly Malformed[] = [
  mistake(
    'a target that does not say where',
    'failover',
    [['www: { type: route53/record, in: passive,', 'www: { type: route53/record,']],
    'which-location',
    'www:',
    "which 'in'",
  ),
  mistake(
    'a target without any selection',
    'az-kill',
    [['{ type: ec2/subnets, tags: { app: $(app) }, az: $(targets.db.az), max: 3 }', '{ type: ec2/subnets, max: 3 }']],
    'no-selector',
    'dead-subnets:',
    'one of id, ids, tags',
  ),
  mistake(
    'a target by id and by tags',
    'az-kill',
    [['{ type: ec2/subnets, tags', '{ type: ec2/subnets, id: subnet-1, tags']],
    'several-selectors',
    'tags',
    'keep one',
  ),
  mistake(
    'empty tags',
    'az-kill',
    [['{ type: ec2/subnets, tags: { app: $(app) }', '{ type: ec2/subnets, tags: {}']],
    'empty-tags',
    'tags: {}',
    'everything',
  ),
  mistake('tags without a limit', 'az-kill', [[', max: 3 }', ' }']], 'tags-need-max', 'tags: { app', "need 'max'"),
  mistake(
    'a zone of another region',
    'az-kill',
    [['az: $(targets.db.az), max: 3', 'az: eu-west-1a, max: 3']],
    'zone-outside-region',
    'eu-west-1a',
    'not in eu-central-1',
  ),
  mistake(
    'a zone of another region, of a step',
    'az-kill',
    [['group: web, az: $(targets.db.az)', 'group: web, az: eu-west-1a']],
    'zone-outside-region',
    'eu-west-1a',
    'not in eu-central-1',
  ),
  mistake(
    'targets that are nowhere',
    'az-kill',
    [
      ['locations:\n  home: { account: $(account), region: eu-central-1 }\n', ''],
      ['account: account, ', ''],
      ['account: 000000000000, ', ''],
      ['account: 111122223333, ', ''],
    ],
    'missing-key',
    'targets:',
    "need 'locations'",
  ),
];
