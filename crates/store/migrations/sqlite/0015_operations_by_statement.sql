-- Nothing to do: on PostgreSQL, the triggers that keep the list of operations now run once for each statement. SQLite
-- has only triggers that run once for each row.
select 1;
