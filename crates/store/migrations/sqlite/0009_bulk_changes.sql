-- A job can change the scopes of its tokens instead of revoking them.
-- revoke, keep_scopes, narrow_scopes, put_back_scopes
alter table jobs add column kind text not null default 'revoke';
-- The job whose change of scopes this one puts back; empty for others.
alter table jobs add column puts_back text not null default '';

-- The scopes when the token was selected, and those to set: JSON, null for no list. Empty for a token that is revoked
-- or left out. What cannot be read is not put back.
alter table job_items add column scopes_before text not null default '';
alter table job_items add column scopes_after text not null default '';
-- The state of the automatic scopes when the token was selected, as the workspace names it; empty if it named none.
alter table job_items add column autoscope_before text not null default '';
-- job_items.look_first is 2 if an earlier attempt may have set the scopes, which nothing has shown yet.
-- Why a token of a draft is left out; empty if it is not.
alter table job_items add column left_out text not null default '';
