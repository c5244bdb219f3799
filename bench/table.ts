/** A bench's figures as text: what was measured, its median and spread, and the aim it is held against. */
export interface Row {
  what: string;
  /** Median of the samples, with its unit. */
  figure: string;
  /** Lowest and highest. */
  spread?: string;
  aim?: string;
}

export function table(name: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map(({ what, figure, spread, aim }) =>
    [`  ${what.padEnd(width)}`, figure.padStart(12), (spread ?? '').padStart(20), aim ? `aim ${aim}` : '']
      .join('  ')
      .trimEnd(),
  );
  return `${name}\n${lines.join('\n')}\n`;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
};

/** Median and range of values in one unit. */
export const summary = (values: readonly number[], unit: string, digits = 2): Pick<Row, 'figure' | 'spread'> => ({
  figure: `${median(values).toFixed(digits)} ${unit}`,
  spread: `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`,
});
