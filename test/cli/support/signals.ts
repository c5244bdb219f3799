/** Signals for one command of this process, and for nobody else who listens in it. */

/**
 * @param begin begins a command, which listens by the time that it returns, or when what it gives back has resolved
 * @returns tells the command a signal
 */
export async function listening(begin: () => unknown): Promise<(signal: NodeJS.Signals) => void> {
  const before = process.listeners('SIGINT');
  await begin();
  const ours = process.listeners('SIGINT').filter((listener) => !before.includes(listener));
  if (ours.length === 0) throw new Error('the command listens to no signal');
  return (signal) => {
    for (const listener of ours) listener(signal);
  };
}
