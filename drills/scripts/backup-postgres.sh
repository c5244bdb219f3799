#!/bin/sh
# Backs one PostgreSQL database up to S3, with the manifest that a restore drill is verified by:
#
#   PGHOST=db.internal PGUSER=backup PGDATABASE=orders backup-postgres.sh s3://shop-backups/nightly/orders-2026-11-22.dump
#
# puts the dump (pg_dump --format=custom), with the moment of its snapshot as metadata recovery-point, then KEY.manifest.json beside it:
# rows and checksum of every table, counted in the very snapshot that was dumped, and where every sequence stands at least.
# docs/restore-verification.md tells what that is.
#
# Needs psql (10 or newer), pg_dump and the AWS CLI, and a role that may read every row: pg_read_all_data, and BYPASSRLS where tables
# have row security. libpq's own variables (PGHOST, PGPASSFILE, ...) say how to connect. The manifest reads every table once more.
set -eu

destination=${1:?say where to: s3://bucket/key}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
cd "$work"

# One transaction sees one state of the database, and lends it to pg_dump. The settings give one text for one value, whatever the
# server's own are.
psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 <<'SQL'
set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set extra_float_digits = 3;
set bytea_output = 'hex'; set lc_monetary = 'C'; set statement_timeout = 0; set row_security = off;
begin isolation level repeatable read read only;
select pg_export_snapshot() as snapshot, current_setting('server_version') as version,
  to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as taken_at \gset
-- No snapshot holds sequences: what is read before the dump, the dump has come to, or past it.
\o sequences
select format($next$ select %L || ': "' || case when is_called then last_value::numeric + %s else last_value end || '"' from %I.%I $next$,
  to_json(case nspname when 'public' then '' else nspname || '.' end || relname), seqincrement, nspname, relname)
from pg_sequence join pg_class c on c.oid = seqrelid join pg_namespace n on n.oid = relnamespace
where seqincrement > 0 and not seqcycle and nspname !~ '^pg_' and nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by nspname, relname
\gexec
\o
\set dumped `pg_dump --no-password --format=custom --snapshot=:'snapshot' --file=dump </dev/null && echo true || echo false`
\if :dumped
\o taken-at
\qecho :taken_at
\o version
\qecho :version
\o tables
select format($sum$
  select %L || ': ' || json_build_object('rows', count(*), 'checksum', json_build_object('columns', %L::json,
    'value', md5(concat_ws(':', count(*), coalesce(sum(('x' || left(h, 16))::bit(64)::bigint), 0),
      coalesce(sum(('x' || right(h, 16))::bit(64)::bigint), 0)))))
  from (select md5(%s) as h from %I.%I) r $sum$,
  to_json(case nspname when 'public' then '' else nspname || '.' end || relname), to_json(array_agg(attname order by attnum)),
  string_agg(format($cell$(coalesce(length(%1$I::text) || ':' || %1$I::text, '-'))$cell$, attname), ' || ' order by attnum),
  nspname, relname)
from pg_class c join pg_namespace n on n.oid = relnamespace join pg_attribute on attrelid = c.oid
where relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped
  and nspname !~ '^pg_' and nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
group by c.oid, nspname, relname order by nspname, relname
\gexec
\o
\endif
SQL
[ -e tables ] || { echo 'pg_dump failed: nothing was put' >&2; exit 1; }

{
  printf '{\n"takenAt": "%s",\n"engine": "postgres",\n"version": "%s",\n"tables": {\n' "$(cat taken-at)" "$(cut -d ' ' -f 1 version)"
  sed '$!s/$/,/' tables
  printf '},\n"sequences": {\n'
  sed '$!s/$/,/' sequences
  printf '}\n}\n'
} >manifest.json

# The manifest last: where it is, the dump is too.
aws s3 cp --only-show-errors dump "$destination" --metadata "recovery-point=$(cat taken-at)"
aws s3 cp --only-show-errors manifest.json "$destination.manifest.json" --content-type application/json
echo "$destination"
