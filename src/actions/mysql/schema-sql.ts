/**
 * A MySQL or MariaDB database's schema as a list of parts, each with its definition: what `schema` is compared by. docs/
 * restore-verification.md shows it as the statement that makes the expected file, word for word.
 *
 * Left out: the table that firedrill's canary makes.
 */
export const mysqlSchemaSql = `select concat(case table_type when 'VIEW' then 'view ' when 'SEQUENCE' then 'sequence ' else 'table ' end, t.table_name) as what,
  case table_type when 'VIEW' then (select view_definition from information_schema.views v
      where v.table_schema = t.table_schema and v.table_name = t.table_name)
    when 'SEQUENCE' then 'sequence' else concat(engine, ' ', table_collation) end as definition
from information_schema.tables t where table_schema = database() and table_name <> 'firedrill_canary'
union all
select concat('column ', table_name, '.', column_name), concat_ws(' ', column_type, collation_name,
  case is_nullable when 'NO' then 'not null' end, nullif(extra, ''),
  case when column_default is not null and column_default <> 'NULL' then concat('default ', column_default) end,
  nullif(generation_expression, ''))
from information_schema.columns c where table_schema = database() and table_name <> 'firedrill_canary'
  and exists (select 1 from information_schema.tables t
    where t.table_schema = c.table_schema and t.table_name = c.table_name and table_type in ('BASE TABLE', 'SYSTEM VERSIONED'))
union all
select concat(case index_name when 'PRIMARY' then 'primary key ' else 'index ' end, table_name, '.', index_name),
  concat(case non_unique when 0 then 'unique ' else '' end, index_type, ' (',
    group_concat(concat(coalesce(column_name, '?'), coalesce(concat('(', sub_part, ')'), '')) order by seq_in_index separator ', '), ')')
from information_schema.statistics where table_schema = database() and table_name <> 'firedrill_canary'
group by table_name, index_name, non_unique, index_type
union all
select concat('foreign key ', k.table_name, '.', k.constraint_name),
  concat('(', group_concat(k.column_name order by ordinal_position separator ', '), ') references ', k.referenced_table_name,
    ' (', group_concat(k.referenced_column_name order by ordinal_position separator ', '), ') on update ', update_rule,
    ' on delete ', delete_rule)
from information_schema.key_column_usage k join information_schema.referential_constraints r
  on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
where k.table_schema = database() group by k.table_name, k.constraint_name, k.referenced_table_name, update_rule, delete_rule
union all
select concat('check ', k.table_name, '.', k.constraint_name), group_concat(distinct check_clause order by check_clause separator ', ')
from information_schema.table_constraints k join information_schema.check_constraints c
  on c.constraint_schema = k.constraint_schema and c.constraint_name = k.constraint_name
where k.table_schema = database() and k.constraint_type = 'CHECK' group by k.table_name, k.constraint_name
union all
select concat('partition ', table_name, '.', partition_name), concat_ws(' ', partition_method, partition_expression, partition_description)
from information_schema.partitions where table_schema = database() and partition_name is not null
union all
select concat('routine ', routine_name), concat_ws(' ', routine_type, dtd_identifier, concat('definition with MD5 ', md5(routine_definition)))
from information_schema.routines where routine_schema = database()
union all
select 'database text', concat(default_character_set_name, ' ', default_collation_name)
from information_schema.schemata where schema_name = database()
union all
select concat('trigger ', event_object_table, '.', trigger_name), concat_ws(' ', action_timing, event_manipulation, action_statement)
from information_schema.triggers where trigger_schema = database()`;
