/** What a verification is held against when the drill does not say: the manifest of the one backup that was found before. */
import { describe, expect, it } from 'vitest';
import { edited, validate } from './samples.ts';

const tables = 'orders: { minRows: 1000 }';
const checksum = 'orders: { minRows: 1000, checksum: [id, total] }';
const found = '- { id: find, uses: s3/find-backup, with: { backups: dumps, pick: latest } }';
const verification = (...edits: [string, string][]) => {
  const { drill, diagnostics } = validate(edited('restore', edits));
  return {
    codes: diagnostics.map(({ code }) => code),
    messages: diagnostics.map(({ message }) => message),
    manifest: drill?.steps.verify[0]?.[0]?.with['manifest'],
  };
};

describe('a verification that holds contents against something', () => {
  it('takes the manifest of the one backup that was found, as if it were written', () => {
    expect(verification([tables, checksum])).toMatchObject({
      codes: [],
      manifest: '$(steps.find.outputs.manifest)',
    });
    expect(verification([tables, 'orders: { rows: equal }']).manifest).toBe('$(steps.find.outputs.manifest)');
  });

  it('keeps what is said', () => {
    const said = `manifest: $(steps.other.outputs.manifest)\n      tables:`;
    const other = `- { id: other, uses: s3/find-backup, with: { backups: dumps, pick: latest } }\n  ${found}`;
    expect(verification([tables, checksum], ['tables:', said], [found, other]).manifest).toBe(
      '$(steps.other.outputs.manifest)',
    );
  });

  it('is refused where several backups were found, and none is said', () => {
    const twice = `${found}\n  - { id: again, uses: s3/find-backup, with: { backups: dumps, pick: latest } }`;
    const { messages } = verification([tables, checksum], [found, twice]);
    expect(messages).toEqual([expect.stringContaining('orders: checksum needs a manifest or a source')]);
  });
});

it('a verification that holds nothing against a manifest needs none', () => {
  expect(verification()).toEqual({ codes: [], messages: [], manifest: undefined });
});
