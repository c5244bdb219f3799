/** Mistakes in the text: YAML, and what of YAML is refused. */
import { mistake } from './mistake.ts';
import type { Malformed } from './mistake.ts';

export const theText: readonly Malformed[] = [
  mistake(
    'a quote that is not closed',
    'restore',
    [['cron: 0 3 * * *', 'cron: "0 3 * * *']],
    'yaml-syntax',
    '',
    'quote',
  ),
  mistake('a tab as indentation', 'restore', [['  home: {', '\thome: {']], 'yaml-syntax', '\thome', 'spaces'),
  mistake(
    'an alias',
    'restore',
    [['userData: scripts/restore.sh', 'userData: *script']],
    'alias',
    '*script',
    "'*script'",
  ),
  mistake('a tag', 'restore', [['minRows: 1000', 'minRows: !!int 1000']], 'tag', '!!int', 'no tags'),
  mistake(
    'a second document',
    'restore',
    [['schedule:', '---\nschedule:']],
    'several-documents',
    'schedule:',
    'one drill',
  ),
  mistake(
    "a text with ': '",
    'restore',
    [['title: A fresh', 'title: Restore: a fresh']],
    'unquoted-colon',
    'Restore: a',
    'quotes',
  ),
  mistake(
    "a text with ': ' between braces",
    'failover',
    [['ask: Fail over to', 'ask: Fail over: to']],
    'unquoted-colon',
    'Fail over: to',
    'quotes',
  ),
  mistake(
    'a key that stands twice',
    'failover',
    [['max: 30s }', 'max: 30s, max: 40s }']],
    'duplicate-key',
    'max: 40s',
    "'max' stands twice",
  ),
  mistake(
    'a section that stands twice',
    'az-kill',
    [['failback:\n', 'verify: []\nfailback:\n']],
    'duplicate-key',
    'verify: []',
    "'verify' stands twice",
  ),
  mistake(
    'a key that is no text',
    'az-kill',
    [['steady: 5s', '{ a: b }: 5s']],
    'key-not-text',
    '{ a: b }',
    'plain text',
  ),
];
