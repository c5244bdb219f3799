/** Edits of the shipped restore drill and its script, as texts: each must find what it changes. */
/** Replaces what must be there. */
export const edit =
  (from: string | RegExp, to: string) =>
  (text: string): string => {
    const changed = text.replace(from, () => to);
    if (changed === text) throw new Error(`nothing to edit: ${from} is not in the text`);
    return changed;
  };

export const edits =
  (...each: readonly ((text: string) => string)[]) =>
  (text: string): string =>
    each.reduce((so, one) => one(so), text);

/** The line of the script that restores, and that which reports. */
export const restores = 'orders-restore "$DUMP_URL"';
export const reports = /^signal ready .*$/m;
/** The database is said to be at another address. */
export const reportsHost = (host: string) =>
  edit(
    reports,
    `signal ready "restored" ',"database":{"engine":"postgres","port":5432,"name":"orders","host":"${host}"}'`,
  );

/** As a target. */
export const databaseAt = (host: string): string =>
  `{ type: sql/database, in: home, host: ${host}, port: 5432, database: orders, engine: postgres }`;
/** The script has little time. */
export const soon = edit('timeout: 30m', 'timeout: 6s');
