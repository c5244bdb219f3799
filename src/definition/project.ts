/**
 * The files that a definition may name: those of its own project. Paths are judged as text here; whether a file exists is
 * asked of the caller, who has a disk (files.ts).
 */
import { posix } from 'node:path';
import type { Report } from './diagnostic.ts';
import { holdsSecret } from './secrets.ts';
import type { TextNode } from './tree.ts';

export interface ProjectFiles {
  /** The definition's directory relative to the project's root: `drills`, or `` for the root itself. */
  directory: string;
  /** Whether there is such a file; the path is relative to the definition's directory. Absent: not asked. */
  exists?: (path: string) => boolean;
  /** Content of such a file; none of one that is larger than that. Throws where it may not be read. */
  read?: (path: string, largestBytes: number) => { bytes: number; content?: string };
}

/** Largest file that a definition may name, bytes: it becomes part of the plan. */
const largestBytes = 64_000;

/**
 * The path when it is one of the project's files and its content may become part of a plan, else a report. The content is
 * put into `files`.
 */
export function takeFile(
  project: ProjectFiles,
  files: Map<string, string>,
  node: TextNode,
  report: Report,
): string | undefined {
  const path = checkPath(project, node, report);
  if (path === undefined || !project.read) return path;
  let found: ReturnType<typeof project.read>;
  try {
    found = project.read(path, largestBytes);
  } catch (error) {
    report.add('file-unreadable', node.at, `can't read '${path}': ${(error as Error).message}`);
    return undefined;
  }
  const { bytes, content } = found;
  if (content === undefined) {
    report.add(
      'file-too-large',
      node.at,
      `'${path}' has ${bytes} bytes: at most ${largestBytes} can be part of a drill`,
    );
    return undefined;
  }
  if (holdsSecret(content)) {
    report.add('secret-in-file', node.at, `a secret never stands in a file, and '${path}' holds one`);
    return undefined;
  }
  files.set(path, content);
  return path;
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
