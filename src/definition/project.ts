/**
 * The files that a definition may name: those of its own project. Paths are judged as text here; whether a file exists is
 * asked of the caller, who has a disk (files.ts).
 */
import { posix } from 'node:path';
import type { Report } from './diagnostic.ts';
import type { TextNode } from './tree.ts';

export interface ProjectFiles {
  /** The definition's directory relative to the project's root: `drills`, or `` for the root itself. */
  directory: string;
  /** Whether there is such a file; the path is relative to the definition's directory. Absent: not asked. */
  exists?: (path: string) => boolean;
}

/** The path when it is one of the project's files, else a report. */
export function checkPath({ directory, exists }: ProjectFiles, node: TextNode, report: Report): string | undefined {
  const path = node.text;
  const fromRoot = posix.join(directory, path);
  if (posix.isAbsolute(path) || /^~|^[A-Za-z]:|\\|\0/.test(path) || fromRoot === '..' || fromRoot.startsWith('../')) {
    report.add('path-outside-project', node.at, `'${path}' lies outside the project: only its own files can be named`);
    return undefined;
  }
  if (exists && !exists(path)) {
    report.add('no-such-file', node.at, `no file '${path}' (paths are relative to the definition)`);
    return undefined;
  }
  return path;
}
