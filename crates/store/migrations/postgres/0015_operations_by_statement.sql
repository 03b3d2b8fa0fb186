-- The trigger that keeps the list of operations runs once for each statement, not once for each row: rows are added
-- many at a time.
drop trigger operation_is_listed on activity;
drop function list_operation();

-- A trigger's function runs as whoever inserts, unless it says `security definer`: then a role that can only insert
-- into `activity` needs no right on `operations`.
create function list_operations() returns trigger language plpgsql security definer set search_path from current as $$
begin
    insert into operations (id, at, workspace, actor, kind, target, outcome)
    select id, at, workspace, lower(actor), kind, target,
           coalesce((select outcome from activity where operation = added.operation and phase = 'outcome'
                     order by id desc limit 1),
                    outcome)
    from added where phase <> 'outcome';

    -- The latest outcome, if several were added.
    update operations set outcome = latest.outcome
    from (select distinct on (operation) operation, outcome from added where phase = 'outcome'
          order by operation, id desc) as latest
    join activity on activity.operation = latest.operation and activity.phase <> 'outcome'
    where operations.id = activity.id;
    return null;
end $$;

create trigger operations_are_listed after insert on activity
    referencing new table as added for each statement execute function list_operations();
