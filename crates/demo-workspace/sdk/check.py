"""Tests a demo workspace with the vendor's own SDK, which does not share our reading of the API.

    python check.py --host http://localhost:8080 --control http://127.0.0.1:8081 --auth pat

The SDK reads the credentials from the environment: DATABRICKS_TOKEN for `pat`, DATABRICKS_CLIENT_ID and
DATABRICKS_CLIENT_SECRET for `oauth-m2m`. They must belong to a workspace admin.
The URL of the control interface is used for what no call of the API can make.
"""

import argparse
import hashlib
import inspect
import json
import sys
import time
import urllib.request

from databricks.sdk import WorkspaceClient
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service import iam, settings

KEYS = "enableTokensConfig,maxTokenLifetimeDays"


def check_me(w):
    me = w.current_user.me()
    assert me.id and me.user_name and me.active, me
    assert any(group.display == "admins" for group in me.groups), me.groups
    assert w.get_workspace_id() > 0


def check_workspace_conf(w):
    before = w.workspace_conf.get_status(keys=KEYS)
    assert set(before) == set(KEYS.split(",")), before
    w.workspace_conf.set_status({"maxTokenLifetimeDays": "45"})
    assert w.workspace_conf.get_status(keys=KEYS)["maxTokenLifetimeDays"] == "45"
    w.workspace_conf.set_status({"maxTokenLifetimeDays": "0"})
    assert_fails(BadRequest, "Invalid keys: [\"nonsense\"]", lambda: w.workspace_conf.get_status(keys="nonsense"))
    assert_fails(
        BadRequest,
        "Some values are not allowed: {\"maxTokenLifetimeDays\":\"731\"}",
        lambda: w.workspace_conf.set_status({"maxTokenLifetimeDays": "731"}),
    )


def check_token_management(w):
    me = w.current_user.me()
    tokens = list(w.token_management.list())
    assert len(tokens) > 100, len(tokens)
    assert all(token.token_id and token.owner_id and token.creation_time for token in tokens)
    assert any(token.expiry_time == -1 for token in tokens)
    # The SDK represents a state that it does not know as None.
    assert {token.autoscope_state for token in tokens} == {None, *iam.AutoscopeState}

    created = w.tokens.create(comment="checked by the SDK", lifetime_seconds=3600)
    by_id = {token.token_id for token in w.token_management.list(created_by_id=int(me.id))}
    by_name = {token.token_id for token in w.token_management.list(created_by_username=me.user_name)}
    token_id = created.token_info.token_id
    assert token_id in by_id and by_id == by_name
    assert not list(w.token_management.list(created_by_username="unknown@acme.example"))

    info = w.token_management.get(token_id).token_info
    assert (info.comment, info.owner_id, info.last_used_day) == ("checked by the SDK", int(me.id), None)
    assert info.workspace_id == w.get_workspace_id()
    changed = w.token_management.update_token_management(
        token_id, settings.TokenInfo(comment="checked", scopes=["sql"]), FieldMask(["comment", "scopes"])
    )
    assert (changed.token_id, changed.comment, changed.scopes) == (token_id, "checked", ["sql"])
    w.token_management.delete(token_id)
    missing = f"Token with ID {token_id} does not exist"
    assert_fails(NotFound, missing, lambda: w.token_management.get(token_id))
    assert_fails(NotFound, missing, lambda: w.token_management.delete(token_id))


def check_undocumented_scope_state(w, control):
    """A state that no version of the SDK has arrives as it is, and does not keep the others from being read."""
    state = "AUTOSCOPE_STATE_PAUSED"
    assert state not in {known.value for known in iam.AutoscopeState}
    token = {
        "change": "create_token",
        "owner": w.current_user.me().user_name,
        "comment": "paused",
        "lifetime_days": 60,
        "scopes": ["all-apis"],
        "autoscope": state,
        "inferred_scopes": ["sql"],
    }
    body = json.dumps(token).encode()
    request = urllib.request.Request(f"{control}/changes", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        token_id = json.load(response)["token_id"]
    raw = w.api_client.do("GET", f"/api/2.0/token-management/tokens/{token_id}")["token_info"]
    assert (raw["autoscope_state"], raw["inferred_scopes"]) == (state, ["sql"]), raw
    info = w.token_management.get(token_id).token_info
    assert (info.autoscope_state, info.scopes, info.inferred_scopes) == (None, ["all-apis"], ["sql"]), info
    listed = {token.token_id: token for token in w.token_management.list()}
    assert not listed[token_id].autoscope_state
    assert iam.AutoscopeState.AUTOSCOPE_STATE_RUNNING in {token.autoscope_state for token in listed.values()}
    # Setting its scopes ends that state, like any other.
    change = settings.TokenInfo(scopes=["sql"])
    w.token_management.update_token_management(token_id, change, FieldMask(["scopes"]))
    info = w.token_management.get(token_id).token_info
    assert (info.scopes, info.autoscope_state) == (["sql"], iam.AutoscopeState.AUTOSCOPE_STATE_USER_SELECTED), info
    w.token_management.delete(token_id)


def check_on_behalf_of(w):
    service = next(iter(w.service_principals.list(filter='displayName eq "etl-nightly"')))
    created = w.token_management.create_obo_token(service.application_id, comment="etl", lifetime_seconds=600)
    assert hashlib.sha256(created.token_value.encode()).hexdigest() == created.token_info.token_id
    assert created.token_info.owner_id == int(service.id)
    assert created.token_info.created_by_id == int(w.current_user.me().id)
    as_service = WorkspaceClient(host=w.config.host, token=created.token_value, auth_type="pat")
    assert as_service.current_user.me().user_name == service.application_id
    assert_fails(PermissionDenied, "is not an admin", lambda: list(as_service.token_management.list()))
    w.token_management.delete(created.token_info.token_id)
    assert_fails(PermissionDenied, "Invalid access token", lambda: as_service.current_user.me())
    unknown = "00000000-0000-4000-8000-000000000000"
    assert_fails(InvalidParameterValue, "does not exist", lambda: w.token_management.create_obo_token(unknown))


def check_own_tokens(w):
    created = w.tokens.create(comment="mine")
    life = created.token_info.expiry_time - created.token_info.creation_time
    assert life == 730 * 86_400_000, life
    assert created.token_value.startswith("dapi")
    token_id = created.token_info.token_id
    assert token_id in {token.token_id for token in w.tokens.list()}
    w.tokens.update(token_id, settings.PublicTokenInfo(comment="still mine"), FieldMask(["comment"]))
    assert next(token for token in w.tokens.list() if token.token_id == token_id).comment == "still mine"
    w.tokens.delete(token_id)
    assert token_id not in {token.token_id for token in w.tokens.list()}
    assert_fails(NotFound, "does not exist", lambda: w.tokens.delete(token_id))
    assert_fails(BadRequest, "Invalid timeout: 0", lambda: w.tokens.create(lifetime_seconds=0))


def check_permissions(w):
    levels = w.token_management.get_permission_levels().permission_levels
    assert {level.description for level in levels} == {"Can use and modify permissions on tokens", "Can use tokens"}
    before = w.token_management.get_permissions()
    assert (before.object_id, before.object_type) == ("/authorization/tokens", "tokens")
    # The token API's enumeration lacks CAN_MANAGE. The general API has it, at the same path.
    general = w.permissions.get("authorization", "tokens")
    assert general.access_control_list[0].group_name == "admins"
    assert general.access_control_list[0].all_permissions[0].permission_level == iam.PermissionLevel.CAN_MANAGE

    user = next(iter(w.users.list(filter='userName sw "alex.chen@"')))
    can_use = settings.TokenPermissionLevel.CAN_USE
    grant = settings.TokenAccessControlRequest(user_name=user.user_name, permission_level=can_use)
    added = w.token_management.update_permissions(access_control_list=[grant])
    assert user.user_name in {element.user_name for element in added.access_control_list}

    grants = [
        iam.AccessControlRequest(
            user_name=element.user_name,
            group_name=element.group_name,
            service_principal_name=element.service_principal_name,
            permission_level=element.all_permissions[0].permission_level,
        )
        for element in general.access_control_list
    ]
    restored = w.permissions.set("authorization", "tokens", access_control_list=grants)
    assert restored.access_control_list == general.access_control_list
    assert_fails(
        BadRequest,
        "Cannot change permissions for group 'admins' to None.",
        lambda: w.token_management.set_permissions(access_control_list=[grant]),
    )
    unknown = settings.TokenAccessControlRequest(user_name="unknown@acme.example", permission_level=can_use)
    assert_fails(
        NotFound,
        "Principal: UserName(unknown@acme.example) does not exist",
        lambda: w.token_management.update_permissions(access_control_list=[unknown]),
    )


def check_people(w):
    users = list(w.users.list(attributes="id,userName,displayName,active"))
    assert len({user.id for user in users}) == len(users) > 10
    assert any(user.active is False for user in users)
    one = w.users.get(users[0].id)
    assert (one.user_name, one.emails[0].value) == (users[0].user_name, users[0].user_name)
    assert w.users.get(next(iter(w.users.list(filter='userName eq "mia.kowalski@acme.example"'))).id).groups
    assert_fails(NotFound, "not found", lambda: w.users.get("1"))
    assert_fails(BadRequest, "filter", lambda: list(w.users.list(filter='userName gt "a"')))


def check_groups(w):
    groups = {group.display_name: group for group in w.groups.list()}
    assert groups["admins"].meta.resource_type == "WorkspaceGroup"
    assert w.groups.get(groups["admins"].id).members
    parents = {parent.display for parent in groups["bi-developers"].groups}
    assert parents == {"analytics"}, parents


def check_service_principals(w):
    services = list(w.service_principals.list())
    assert all(service.application_id and service.display_name for service in services)
    one = w.service_principals.get(services[0].id)
    assert one.application_id == services[0].application_id


def assert_fails(error, message, call):
    """Asserts that the call raises this exception class of the SDK, with this text."""
    try:
        call()
    except error as caught:
        assert message in str(caught), str(caught)
    else:
        raise AssertionError(f"did not fail with: {message}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True)
    parser.add_argument("--control", required=True)
    parser.add_argument("--auth", required=True, choices=["pat", "oauth-m2m"])
    arguments = parser.parse_args()
    w = WorkspaceClient(host=arguments.host, auth_type=arguments.auth)
    checks = {name: check for name, check in globals().items() if name.startswith("check_")}
    failed = 0
    for name, check in checks.items():
        started = time.monotonic()
        try:
            needs_control = "control" in inspect.signature(check).parameters
            check(w, arguments.control) if needs_control else check(w)
            outcome = "ok"
        except Exception as error:  # Every check is reported, whatever its error is.
            failed += 1
            outcome = f"FAILED: {type(error).__name__}: {error}"
        seconds = time.monotonic() - started
        print(f"{arguments.auth:9} {name.removeprefix('check_'):24} {seconds:5.2f} s  {outcome}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
