/** Run records as JSON, for scripts: one record as an object, several as an array. The shape is that of the record itself. */
import type { RunRecord } from '../domain/record.ts';

export const jsonReport = (records: readonly RunRecord[]): string =>
  `${JSON.stringify(records.length === 1 ? records[0] : records, null, 2)}\n`;
