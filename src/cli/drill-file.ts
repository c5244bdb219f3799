/** Reads the drill that a command is to run or plan; what is wrong with it is shown, all at once. */
import { readDefinition } from '../definition/definition.ts';
import type { Diagnostic } from '../definition/diagnostic.ts';
import { loadDefinition } from '../definition/files.ts';
import { renderDiagnostics } from '../definition/render.ts';
import type { Drill } from '../domain/drill.ts';
import { UsageError } from '../domain/errors.ts';
import { valueSetsOf } from './arguments.ts';
import type { Frame } from './frame.ts';
import { pointToDrills } from './shipped-drills.ts';

interface Purpose {
  purpose: 'run' | 'rehearse';
  /** Names of value sets, comma-separated, as the user gave them. */
  values?: string;
}

/** A definition that can't be used; its diagnostics have been shown. */
class DefinitionError extends UsageError {
  override name = 'DefinitionError';
  readonly diagnostics: readonly Diagnostic[];
  constructor(file: string, diagnostics: readonly Diagnostic[]) {
    const wantsValues = diagnostics.every(({ code }) => code === 'value-missing' || code === 'unknown-value-set');
    super('definition-unusable', `${file} can't be used; nothing was touched`, {
      remedy: wantsValues
        ? 'Choose other value sets with --values, or give the one that is shown what it lacks.'
        : `Put right what is shown. "firedrill validate ${file}" checks it again.`,
    });
    this.diagnostics = diagnostics;
  }
}

/** @throws UsageError `definition-unreadable`, `definition-unusable` */
export async function readDrill(frame: Frame, file: string, { purpose, values }: Purpose): Promise<Drill> {
  const loading = loadDefinition(file).catch((error: unknown) => {
    throw pointToDrills(error, file);
  });
  const [loaded, catalogue] = await Promise.all([loading, frame.catalogue()]);
  const asked = valueSetsOf(values);
  const valueSets = asked && purpose === 'rehearse' ? ['lab', ...asked] : asked;
  const { drill, diagnostics } = readDefinition({ ...loaded, catalogue, purpose, valueSets });
  const sources = [loaded, ...(loaded.estate ? [loaded.estate] : [])];
  if (diagnostics.length > 0) {
    frame.err(renderDiagnostics(diagnostics, sources, { color: frame.color && frame.live }));
  }
  if (!drill) throw new DefinitionError(file, diagnostics);
  return drill;
}
