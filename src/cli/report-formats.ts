/** The formats of `report`. */
export const formats = ['text', 'json', 'html', 'md', 'csv', 'junit', 'pdf', 'samples'] as const;
export type Format = (typeof formats)[number];
