/** What can be asked of `report`, and its formats. */
export const formats = ['text', 'json', 'html', 'md', 'csv', 'junit', 'pdf', 'samples'] as const;
export type Format = (typeof formats)[number];

/** What can be asked of `report`. */
export interface Wanted {
  format: Format;
  /** The newest finished runs, this many. */
  last?: number;
  /** File to write; stdout when absent. */
  out?: string;
}
