/** Secrets by their look. A field that takes a secret says so itself; this is for those that stand where none belongs. */
import type { Report } from './diagnostic.ts';
import type { TextNode } from './tree.ts';

/** A password in an address, an AWS access key, a private key. */
const credentials = /:\/\/[^/\s:@]*:[^/\s@]+@|\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY/;

export const holdsSecret = (text: string): boolean => credentials.test(text);

/** Whether the text holds one, which is then reported. */
export function refuseSecret(node: TextNode, report: Report): boolean {
  if (!holdsSecret(node.text)) return false;
  const message = 'a secret never stands in a file: write env:NAME or file:/PATH where one is taken';
  report.add('secret-in-file', node.at, message);
  return true;
}
