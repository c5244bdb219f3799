/** Takes secrets out of a text by their look: what AWS, a script or a tool says may carry them, and logs are kept for years. */

/** What goes away, and what stands in its place. A signed URL keeps its address: it says what was asked for. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[access key]'],
  [/\b(Signature|X-Amz-(?:Security-Token|Signature|Credential))=[^\s&,'"<>]+/gi, '$1=[redacted]'],
  [/(:\/\/[^/\s:@]*):[^/\s@]+@/g, '$1:[redacted]@'],
  [/\b([\w-]*(?:password|passwd|secret))(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&'"]+)/gi, '$1$2[redacted]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
];

export const withoutSecrets = (text: string): string =>
  patterns.reduce((said, [pattern, instead]) => said.replaceAll(pattern, instead), text);
