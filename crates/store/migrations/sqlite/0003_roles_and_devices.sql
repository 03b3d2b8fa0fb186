-- Before there were roles, everybody who got in was an admin.
alter table sign_ins add column role text not null default 'admin';
alter table sign_ins add column device text not null default '';

create index sign_ins_by_principal on sign_ins (workspace, principal_id);
