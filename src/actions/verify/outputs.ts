/** What a verification gives to later steps, to reports, and to whoever writes the next manifest. */
import type { OutputSpec } from '../../domain/catalogue.ts';

export const verifyOutputs: Readonly<Record<string, OutputSpec>> = {
  engineVersion: { describes: 'version of the restored engine' },
  rows: { describes: 'rows by table' },
  checksums: { describes: 'checksums by table' },
  recoveryPointAt: { describes: 'when the newest row was written, ISO 8601: what RPO is measured by' },
  performance: { describes: 'first and warm latency by query, milliseconds' },
};
