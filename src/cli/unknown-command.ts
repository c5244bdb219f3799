/** A command that does not exist is refused also when its help is asked for: a script that looks for one would take help for a yes. */
import type { Command } from 'commander';

/** @param group a command that has sub-commands and does nothing by itself */
export function refuseUnknown(group: Command): void {
  group.on('beforeHelp', () => {
    // "firedrill help x" means "firedrill x --help".
    const [name] = group.args[0] === 'help' ? group.args.slice(1) : group.args;
    if (name === undefined || name.startsWith('-')) return;
    // Read without its --help it is refused like any other, with what may have been meant.
    if (!group.commands.some((command) => command.name() === name)) group.parse([name], { from: 'user' });
  });
}
