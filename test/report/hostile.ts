/** A record in which every text that comes from outside tries to be something else. */
import type { RunRecord } from '../../src/domain/record.ts';

export const attack = `</title></style></svg><script>alert(1)</script><img src=x onerror="alert(2)">' " & [click](javascript:alert(3)) | \`x\` \u001b[2J\u0007\u0000\ud800\n# head ]]>`;

export function hostile(record: RunRecord): RunRecord {
  const bad = (text: string): string => `${text}${attack}`;
  return {
    ...record,
    drill: bad(record.drill),
    title: bad(record.title),
    reasons: record.reasons.map(bad),
    startedBy: attack,
    toolVersion: attack,
    approvals: [{ by: attack, at: attack, comment: attack, automatic: false }],
    probes: [{ probe: attack, kept: false, why: attack }],
    steps: record.steps.map((step) => ({ ...step, error: { code: attack, message: attack, remedy: attack } })),
    resources: record.resources.map((resource) => ({ ...resource, arn: attack, createdBy: attack })),
    findings: [
      { severity: 'warn', code: 'position-unknown', message: attack },
      { severity: 'note', code: 'x', message: attack },
    ],
  };
}
