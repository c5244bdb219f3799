/**
 * Where a run took place, and whether its figures can be evidence about AWS. `rehearse` says itself that it is in a lab. `run`
 * knows no lab: it goes where the environment points, so an endpoint on its own machine and an account that AWS never gave
 * anybody are what gives a lab away.
 */
import type { Plan } from '../domain/plan.ts';
import type { RunRecord } from '../domain/record.ts';

type Place = Pick<RunRecord, 'environment' | 'notAws'>;

/** What AWS gives to nobody, and emulators to everybody. */
const nobodysAccount = '000000000000';

export function notAwsOf({ environment, localEndpoint, drill }: Plan): RunRecord['notAws'] {
  if (environment === 'lab') return 'lab';
  if (localEndpoint) return 'local-endpoint';
  return Object.values(drill.locations).some(({ account }) => account === nobodysAccount)
    ? 'emulated-account'
    : undefined;
}

export function placeWords({ environment, notAws }: Place): string {
  if (environment === 'lab') return 'lab rehearsal';
  if (notAws !== undefined)
    return notAws === 'local-endpoint' ? 'local endpoint, not AWS' : 'emulated account, not AWS';
  return environment === 'aws' ? 'AWS' : 'other AWS-compatible endpoint';
}

/** What stands above the report of a run whose figures are no evidence about AWS, in one word and in sentences. */
export function notAwsNotice({ notAws, verdict }: Pick<RunRecord, 'notAws' | 'verdict'>): Notice | undefined {
  const works = verdict === 'pass' ? 'It shows that the procedure works; it is' : 'It is';
  switch (notAws) {
    case undefined:
      return undefined;
    case 'lab':
      return { word: 'Lab', text: `A rehearsal in the local lab. ${works} no evidence about AWS.` };
    case 'local-endpoint':
      return {
        word: 'Not AWS',
        text: `Its AWS endpoint was on the machine that ran it. These are figures of a rehearsal. ${works} no evidence about AWS.`,
      };
    case 'emulated-account':
      return {
        word: 'Not AWS',
        text: `Account ${nobodysAccount} is none of AWS's: an emulator gave it. These are figures of a rehearsal. ${works} no evidence about AWS.`,
      };
  }
}

interface Notice {
  word: string;
  text: string;
}
