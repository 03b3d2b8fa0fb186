-- The list of operations behind the pages of the activity log. The first row of each operation in `activity` has a row
-- here, with the same id and the latest outcome. This only says which operations a page shows and in which order; what
-- the page shows of them is read from `activity`. Triggers keep it, so that no row of `activity` can be without it.
create table operations (
    id        integer not null primary key,
    at        integer not null,
    workspace text    not null,
    -- In lower case, as far as it is ASCII.
    actor     text    not null,
    kind      text    not null,
    target    text    not null,
    outcome   text    not null
) strict;

insert into operations (id, at, workspace, actor, kind, target, outcome)
select id, at, workspace, lower(actor), kind, target,
       coalesce((select outcome from activity where operation = a.operation and phase = 'outcome'
                 order by id desc limit 1),
                outcome)
from activity a where phase <> 'outcome';

-- One for each combination of filters, so that a page is a walk along one index from any place: newest first, without
-- sorting and without rows that do not match. The id is the last column of each.
create index operations_by_time on operations (workspace, at);
create index operations_by_actor on operations (workspace, actor, at);
create index operations_by_kind on operations (workspace, kind, at);
create index operations_by_outcome on operations (workspace, outcome, at);
create index operations_by_actor_kind on operations (workspace, actor, kind, at);
create index operations_by_actor_outcome on operations (workspace, actor, outcome, at);
create index operations_by_kind_outcome on operations (workspace, kind, outcome, at);
create index operations_by_actor_kind_outcome on operations (workspace, actor, kind, outcome, at);
-- A target has few operations, whatever the other filters are.
create index operations_by_target on operations (workspace, target, at);

create trigger operation_begins after insert on activity when new.phase <> 'outcome'
begin
    insert into operations (id, at, workspace, actor, kind, target, outcome)
    values (new.id, new.at, new.workspace, lower(new.actor), new.kind, new.target,
            coalesce((select outcome from activity where operation = new.operation and phase = 'outcome'
                      order by id desc limit 1),
                     new.outcome));
end;

create trigger operation_ends after insert on activity when new.phase = 'outcome'
begin
    update operations set outcome = new.outcome
    where id in (select id from activity where operation = new.operation and phase <> 'outcome');
end;

-- Nothing reads `activity` by these any more.
drop index activity_by_workspace;
drop index activity_by_target;
