#!/bin/sh
# Backs one MySQL or MariaDB database up to S3, with the manifest that a restore drill is verified by:
#
#   backup-mysql.sh orders s3://shop-backups/nightly/orders-2026-11-22.sql
#
# puts the dump (mysqldump), with its moment as metadata recovery-point, then KEY.manifest.json beside it: rows and checksum of every
# table, as docs/restore-verification.md defines them.
#
# mysqldump can't lend its snapshot to anybody. So that dump and manifest are of one moment, NOTHING CAN BE WRITTEN to the server while
# this runs: point it at a replica (which catches up afterwards), not at what users write to. A replica's data is older than the
# recovery-point by its lag: have it caught up before.
#
# mysqldump writes six digits of a FLOAT. Where that is not all, the column does not come back as it was, and its checksum tells so:
# name the other columns in the drill, or have DOUBLE there.
#
# Needs the clients mysql and mysqldump, the AWS CLI, and a role with RELOAD, SELECT, SHOW VIEW, TRIGGER, EVENT and LOCK TABLES. The
# clients' own option files say how to connect; MYSQL_OPTIONS may name one: --defaults-extra-file=/etc/backup.cnf
set -eu

database=${1:?say which database: backup-mysql.sh DATABASE s3://bucket/key}
destination=${2:?say where to: s3://bucket/key}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
cd "$work"

client() {
  # shellcheck disable=SC2086 -- several options, or none
  mysql ${MYSQL_OPTIONS:-} --batch --raw --skip-column-names --default-character-set=utf8mb4 "$@"
}

# A session that holds the lock until its standard input is closed, also by the end of this script.
mkfifo ask answer
client --unbuffered <ask >answer &
exec 3>ask 4<answer
# One that could not log in has gone already: what it says is told below.
trap '' PIPE
echo "flush tables with read lock; select date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%fZ'), version();" >&3 2>/dev/null || :
trap - PIPE
read -r taken_at version <&4 || { echo 'the server could not be locked: nothing was put' >&2; exit 1; }

# shellcheck disable=SC2086
mysqldump ${MYSQL_OPTIONS:-} --single-transaction --routines --events --hex-blob --result-file=dump "$database" 3>&- 4<&-

# One statement for each table, which gives the table's line of the manifest.
client "$database" >statements <<'SQL'
set session group_concat_max_len = 4294967295, sql_mode = '';
select concat('select concat(', quote(json_quote(table_name)), ', '': { "rows": '', count(*), '', "checksum": { "columns": '', ',
  quote(concat('[', group_concat(json_quote(column_name) order by ordinal_position separator ', '), ']')), ', '', "value": "'', ',
  'md5(concat_ws('':'', count(*), coalesce(sum(cast(conv(left(h, 16), 16, -10) as signed)), 0), ',
  'coalesce(sum(cast(conv(right(h, 16), 16, -10) as signed)), 0))), ''" } }'') ',
  'from (select md5(concat(', group_concat('case when ', name, ' is null then ''-'' else concat(char_length(', value, '), '':'', ', value, ') end'
    order by ordinal_position separator ', '), ')) as h from ', table_quoted, ') r;')
from (
  select table_name, table_quoted, column_name, ordinal_position, name, concat('convert(', case
    when column_type regexp 'blob|binary|^bit|geometry|point|linestring|polygon|geometrycollection' then concat('hex(', name, ')')
    when column_type like 'float%' then concat('cast(', name, ' + 0e0 as char)')
    else concat('cast(', name, ' as char)') end, ' using utf8mb4)') as value
  from (
    select c.table_name, column_name, column_type, ordinal_position, concat('`', replace(column_name, '`', '``'), '`') as name,
      concat('`', replace(c.table_name, '`', '``'), '`') as table_quoted
    from information_schema.columns c join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') and c.table_name <> 'firedrill_canary'
  ) columns_of
) cells group by table_name, table_quoted order by table_name;
SQL
{ echo "set session time_zone = '+00:00', sql_mode = '';"; cat statements; } >sums
client "$database" <sums >tables

# The lock goes with its session.
exec 3>&- 4<&-
wait

{
  printf '{\n"takenAt": "%s",\n"engine": "mysql",\n"version": "%s",\n"tables": {\n' "$taken_at" "$version"
  sed '$!s/$/,/' tables
  printf '}\n}\n'
} >manifest.json

# The manifest last: where it is, the dump is too.
aws s3 cp --only-show-errors dump "$destination" --metadata "recovery-point=$taken_at"
aws s3 cp --only-show-errors manifest.json "$destination.manifest.json" --content-type application/json
echo "$destination"
