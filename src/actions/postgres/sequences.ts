/** Where PostgreSQL's sequences stand, beside the columns that take their numbers from them. */
import type { ReadSession, Sequence, Sequences, UnreadSequence } from '../verify/engine.ts';

/** Owned by a column (serial, identity), or named in a column's default. Ascending ones of whole numbers, and what it takes to read them. */
const listSql = `with used as (
  select objid as seq, refobjid as rel, refobjsubid as att from pg_depend
  where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype in ('a', 'i') and refobjsubid > 0
  union
  select refobjid, adrelid, adnum from pg_depend join pg_attrdef d on classid = 'pg_attrdef'::regclass and objid = d.oid
  where refclassid = 'pg_class'::regclass
)
select s.oid::regclass, case sn.nspname when 'public' then '' else sn.nspname || '.' end || s.relname,
  case n.nspname when 'public' then '' else n.nspname || '.' end || t.relname || '.' || attname,
  t.oid::regclass, quote_ident(attname), seqincrement, seqstart,
  concat_ws(', ',
    case when not has_schema_privilege(sn.oid, 'usage') then 'USAGE ON SCHEMA ' || quote_ident(sn.nspname) end,
    case when sn.oid <> n.oid and not has_schema_privilege(n.oid, 'usage') then 'USAGE ON SCHEMA ' || quote_ident(n.nspname) end,
    case when not has_sequence_privilege(s.oid, 'select') then 'SELECT ON SEQUENCE ' || s.oid::regclass end,
    case when not has_column_privilege(t.oid, att::int2, 'select') then 'SELECT ON TABLE ' || t.oid::regclass end,
    case when row_security_active(t.oid) then 'BYPASSRLS for ' || t.oid::regclass end)
from used join pg_sequence p on seqrelid = seq join pg_class s on s.oid = seq join pg_namespace sn on sn.oid = s.relnamespace
join pg_class t on t.oid = rel
join pg_namespace n on n.oid = t.relnamespace join pg_attribute on attrelid = rel and attnum = att
where t.relkind in ('r', 'p') and not t.relispartition and seqincrement > 0 and atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
  and t.relname !~ '^firedrill_canary'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = t.oid and d.deptype = 'e')
order by 2, 3`;

/** One by its name, as the list above has it. */
const namedSql = `select s.oid::regclass, seqincrement, seqstart,
  concat_ws(', ',
    case when not has_schema_privilege(n.oid, 'usage') then 'USAGE ON SCHEMA ' || quote_ident(nspname) end,
    case when not has_sequence_privilege(s.oid, 'select') then 'SELECT ON SEQUENCE ' || s.oid::regclass end)
from pg_sequence join pg_class s on s.oid = seqrelid join pg_namespace n on n.oid = relnamespace
where case nspname when 'public' then '' else nspname || '.' end || relname = $1`;

/** What a sequence gives next, and whether it was advanced. */
const standsSql = (sequence: string, step: string, start: string): string =>
  `select case when is_called then last_value::numeric + ${step} else last_value end as next,
    is_called or last_value <> ${start} as advanced from ${sequence}`;

export async function sequencesOf(session: ReadSession, named: Iterable<string> = []): Promise<Sequences> {
  const { read, unread } = await usedByColumns(session);
  const listed = new Set([...read, ...unread].map(({ name }) => name));
  for (const name of named) {
    if (listed.has(name)) continue;
    const [one] = await session.query(namedSql, [name]);
    if (!one) continue;
    const [sequence, step, start, lacking] = one;
    if (lacking) {
      unread.push({ name, lacking });
      continue;
    }
    const [row] = await session.query(standsSql(sequence!, step!, start!));
    const [next, advanced] = row!;
    const noColumn = { least: null, greatest: null, following: null, collides: false };
    read.push({ name, isAdvanced: advanced === 't', next: next!, ...noColumn });
  }
  return { read, unread };
}

async function usedByColumns(session: ReadSession): Promise<{ read: Sequence[]; unread: UnreadSequence[] }> {
  const read: Sequence[] = [];
  const unread: UnreadSequence[] = [];
  for (const [sequence, name, column, table, attribute, step, start, lacking] of await session.query(listSql)) {
    if (lacking) {
      unread.push({ name: name!, column: column!, lacking });
      continue;
    }
    const [row] =
      await session.query(`with s as (${standsSql(sequence!, step!, start!)}), f as (select min(t.${attribute}) as following from ${table} t, s where t.${attribute} >= s.next)
      select s.advanced, s.next, (select min(${attribute}) from ${table}), (select max(${attribute}) from ${table}),
        f.following, coalesce(f.following < s.next + 1000 * ${step}, false) from s, f`);
    const [advanced, next, least, greatest, following, collides] = row!;
    read.push({
      name: name!,
      column: column!,
      isAdvanced: advanced === 't',
      next: next!,
      least: least!,
      greatest: greatest!,
      following: following!,
      collides: collides === 't',
    });
  }
  return { read, unread };
}
