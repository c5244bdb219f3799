/** `firedrill iam-policy FILE...`: the least that these drills need to be allowed. Changes nothing. */
import type { Command } from 'commander';
import type { Frame } from './frame.ts';

export function register(program: Command, frame: Frame): void {
  program
    .command('iam-policy')
    .description('Print the IAM policy that exactly these drills need. Plans them for real, and changes nothing.')
    .argument('<file...>', 'drill definitions')
    .option('--values <sets>', 'value sets to use, laid over each other, like prod,checkout')
    .option('--json', 'the same: a policy is JSON')
    .addHelpText(
      'after',
      `
What steps call, what finding their targets reads, and what is asked of STS.
Where locations have roles, the document is an object with one policy for each
role, and one for the credentials that assume them. What a drill makes it may
tag, change and remove only as its own, by its tags. What only a run can know is
a wildcard: the id of the run in a name, and what every run finds anew, such as
the newest snapshot. Planning needs credentials that may read; secrets needn't
be there.
Exit codes: 0 printed, 2 a file can't be used, 3 a target is not there.

Example:
  AWS_PROFILE=admin firedrill iam-policy drills/regional-failover.yaml --values prod > policy.json`,
    )
    .action(async (files: string[], { values }: { values?: string }) => {
      const { printPolicies } = await import('./iam-policy-print.ts');
      await printPolicies(frame, files, values);
    });
}
