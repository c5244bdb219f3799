/** Rung 8: what the application would ask gets the answers that are expected. */
import { durationText } from '../../domain/time-text.ts';
import type { Engine, ReadSession, TextRow } from './engine.ts';
import type { Rung } from './rung.ts';
import { sentence, shorten } from './wording.ts';

/** Longest time of one query. */
export const queryMs = 60_000;

export const queriesRung: Rung = async ({ input, engine, restored }, attempt) => {
  const verdicts: { holds: boolean; said: string; provesNothing?: boolean }[] = [];
  for (const { sql, answer } of input.params.queries!) {
    const shown = `'${shorten(sql, 80)}'`;
    const limitMs = Math.min(queryMs, input.timeoutMs);
    const found = await restored.use(attempt, (session) => asked(engine, session, sql), limitMs);
    if ('trouble' in found) {
      const { trouble, message } = found;
      const said =
        trouble === 'slow' ? `${shown} gave no answer within ${durationText(limitMs)}` : `${shown} failed: ${message}`;
      verdicts.push({ holds: false, said, ...(trouble === 'denied' && { provesNothing: true }) });
    } else {
      const holds = found.text === answer.trim();
      const gave = shorten(found.text).replaceAll('\n', ' / ');
      const wanted = shorten(answer.trim()).replaceAll('\n', ' / ');
      const said = holds
        ? `${shown} gives ${gave}`
        : `${shown}: expected ${wanted}, found ${gave}${byHowMuch(wanted, gave)}`;
      verdicts.push({ holds, said });
    }
  }
  const broken = verdicts.filter(({ holds }) => !holds);
  return {
    done: true,
    check: {
      holds: broken.length === 0,
      said: sentence((broken.length > 0 ? broken : verdicts).map(({ said }) => said)),
      ...(broken.some(({ provesNothing }) => provesNothing) && { provesNothing: true }),
    },
  };
};

type Answered = { text: string } | { trouble: 'slow' | 'denied' | 'refused'; message: string };

/** One bad query must not keep the others from being asked. */
async function asked(engine: Engine, session: ReadSession, sql: string): Promise<Answered> {
  try {
    return { text: answerText(await session.query(sql)) };
  } catch (error) {
    const trouble = engine.troubleOf(error);
    if (trouble !== 'slow' && trouble !== 'denied' && trouble !== 'refused') throw error;
    return { trouble, message: (error as Error).message };
  }
}

/** Columns apart by `|`, rows by line. A text that reads as one of our own words stands in quotes. */
export function answerText(rows: readonly TextRow[]): string {
  if (rows.length === 0) return '(none)';
  const cell = (value: string | null): string =>
    value === null ? 'NULL' : value === 'NULL' || value === '(none)' ? `"${value}"` : value;
  return rows
    .map((row) => row.map(cell).join('|'))
    .join('\n')
    .trim();
}

/** For numbers: how far off. */
function byHowMuch(expected: string, found: string): string {
  const [a, b] = [Number(expected), Number(found)];
  if (Number.isNaN(a) || Number.isNaN(b) || expected === '' || found === '') return '';
  return `: ${Math.abs(b - a)} ${b > a ? 'more' : 'less'}`;
}
