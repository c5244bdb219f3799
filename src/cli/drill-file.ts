/** Reads the drill that a command is to run or plan; what is wrong with it is shown, all at once, and ends with exit code 2. */
import { readDefinition } from '../definition/definition.ts';
import { loadDefinition } from '../definition/files.ts';
import { renderDiagnostics } from '../definition/render.ts';
import type { Drill } from '../domain/drill.ts';
import type { Frame } from './frame.ts';

interface Purpose {
  purpose: 'run' | 'rehearse';
  /** Names of value sets, comma-separated, as the user gave them. */
  values?: string;
}

/** @returns undefined when it can't be used; that has been said */
export async function readDrill(frame: Frame, file: string, { purpose, values }: Purpose): Promise<Drill | undefined> {
  const [loaded, catalogue] = await Promise.all([loadDefinition(file), frame.catalogue()]);
  const asked = values?.split(',').map((name) => name.trim());
  const valueSets = asked && purpose === 'rehearse' ? ['lab', ...asked] : asked;
  const { drill, diagnostics } = readDefinition({ ...loaded, catalogue, purpose, valueSets });
  const sources = [loaded, ...(loaded.estate ? [loaded.estate] : [])];
  if (diagnostics.length > 0) frame.err(renderDiagnostics(diagnostics, sources, { color: frame.color }));
  if (!drill) {
    frame.err(`${file} can't be used; nothing was touched`);
    frame.setExit(2);
  }
  return drill;
}
