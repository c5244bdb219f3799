/**
 * What is wrong with a definition: the codes, where each stands, and the collector that every part of this stage reports to.
 * How a diagnostic looks on a screen is in render.ts.
 */
import type { SourcePosition } from '../domain/drill.ts';
import type { Range } from './source.ts';
import { positionOf } from './source.ts';

/** Kinds of mistakes. Stable: scripts match them. */
export const diagnosticCodes = [
  // the text
  'yaml-syntax',
  'control-character',
  'alias',
  'tag',
  'several-documents',
  'unquoted-colon',
  'duplicate-key',
  'key-not-text',
  'empty-file',
  // its shape
  'unknown-key',
  'no-value',
  'missing-key',
  'wrong-shape',
  'wrong-api-version',
  'wrong-kind',
  'bad-name',
  'phase-order',
  'nested-parallel',
  // single values
  'needs-unit',
  'not-a-percentage',
  'not-a-rate',
  'not-a-count',
  'not-a-flag',
  'not-a-choice',
  'not-an-account',
  'not-a-region',
  'not-a-role',
  'not-a-resolver',
  'not-a-time',
  'not-a-date',
  'not-a-day',
  'not-a-timezone',
  'not-a-cron',
  'secret-in-file',
  'path-outside-project',
  'no-such-file',
  'file-too-large',
  'file-unreadable',
  'invalid-value',
  // expressions, parameters and value sets
  'foreign-expression',
  'bad-expression',
  'expression-not-allowed',
  'computed-name',
  'unknown-parameter',
  'value-missing',
  'self-defined',
  'unknown-value-set',
  // names
  'unknown-action',
  'unknown-probe-kind',
  'unknown-target-type',
  'unknown-target',
  'unknown-location',
  'unknown-probe',
  'unknown-step',
  'unknown-fact',
  'unknown-output',
  'wrong-target-type',
  'duplicate-step',
  'step-not-finished',
  'unused-parameter',
  'unused-target',
  'unused-location',
  'in-estate-too',
  // targets
  'which-location',
  'no-selector',
  'several-selectors',
  'empty-tags',
  'tags-need-max',
  'zone-outside-region',
  // what steps may do where
  'no-steps',
  'step-in-wrong-phase',
  'change-in-verify',
  'for-not-allowed',
  'keep-not-allowed',
  'irreversible',
  'not-covered-by-failback',
  'undone-twice',
  'nothing-to-undo',
  'promotes-unfenced',
  'fences-what-it-promotes',
  'replica-of-itself',
  'name-still-taken',
  'fault-lifted-before-fence',
  'fault-ends-before-detect',
  'region-assumed-unavailable',
  'verify-reads-source',
  // what would be proved
  'fault-without-probe',
  'nothing-shows-fault',
  'rto-needs-probe',
  'rpo-needs-canary',
  'breaks-needs-fault',
  'restore-without-verify',
  'failback-not-drilled',
  // limits and schedules
  'rto-beyond-duration',
  'window-ends-before-start',
  'production-needs-approval',
  'schedule-with-lab-values',
  'for-each-selects-nothing',
  'rehearsal-needs-lab',
  // warnings
  'unknown-region',
  'coarse-probe',
  'flip-before-promote',
] as const;
export type DiagnosticCode = (typeof diagnosticCodes)[number];

export interface Diagnostic extends SourcePosition {
  /** A warning doesn't stop anything. */
  severity: 'error' | 'warning';
  code: DiagnosticCode;
  message: string;
  /** The word that was probably meant. */
  suggestion?: string;
  /** Characters that the mistake spans, within its first line; at least 1. */
  length: number;
}

interface Details {
  suggestion?: string;
  severity?: 'error' | 'warning';
}

/** Collects diagnostics. One mistake that is met under several value sets is reported once. */
export class Report {
  #said = 0;
  readonly #found = new Map<string, { diagnostic: Diagnostic; at: Range }>();

  add(code: DiagnosticCode, at: Range, message: string, { suggestion, severity = 'error' }: Details = {}): void {
    this.#said += 1;
    const key = `${code}\n${at.source.file}\n${at.start}\n${message}`;
    if (this.#found.has(key)) return;
    const diagnostic: Diagnostic = { ...positionOf(at), severity, code, message };
    if (suggestion !== undefined) diagnostic.suggestion = suggestion;
    this.#found.set(key, { diagnostic, at });
  }

  /** How often something was said so far, repetitions included: unchanged means that nothing was wrong in between. */
  get said(): number {
    return this.#said;
  }

  get hasErrors(): boolean {
    return [...this.#found.values()].some(({ diagnostic }) => diagnostic.severity === 'error');
  }

  /** The words that were probably meant, over all diagnostics of one code. */
  suggestions(code: DiagnosticCode): string[] {
    return [...this.#found.values()].flatMap(({ diagnostic }) =>
      diagnostic.code === code ? (diagnostic.suggestion ?? []) : [],
    );
  }

  has(code: DiagnosticCode): boolean {
    return [...this.#found.values()].some(({ diagnostic }) => diagnostic.code === code);
  }

  /** In the order of the text; the files in the order given. */
  inOrder(files: readonly string[]): Diagnostic[] {
    return [...this.#found.values()]
      .sort((a, b) => files.indexOf(a.at.source.file) - files.indexOf(b.at.source.file) || a.at.start - b.at.start)
      .map(({ diagnostic }) => diagnostic);
  }
}
