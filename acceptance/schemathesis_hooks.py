"""What schemathesis needs to get past the door: a token, and keys and bodies of what there is. Loaded by it."""
import json
import os
import pathlib
import re

import schemathesis

from directory import Directory

FACTS = json.loads(pathlib.Path(os.environ["SIGNET_FACTS"]).read_text())
ADMINISTRATOR = Directory(FACTS["url"], FACTS["ca"], FACTS["tenant"])


@schemathesis.auth(refresh_interval=60)
class Administrator:
    """The administrator's token, which `Directory` renews."""

    def get(self, case, context):
        return ADMINISTRATOR.bearer()

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


def _chosen(text, among):
    """One of them, by the generated text; none for one text in four, which stays what it was."""
    number = sum(map(ord, str(text)))
    return None if number % 4 == 3 else among[number % len(among)]


def _known(path, name):
    """The ids that can stand for a parameter."""
    held = [(prefix, ids) for prefix, ids in FACTS["ids"].items() if path.startswith(f"/v1.0{prefix}")]
    if not held or not re.fullmatch(r"id\d?", name):
        return []
    return FACTS["ids"]["/directoryObjects"] if name != "id" else max(held)[1]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Most keys are those of what there is."""
    for name, value in (path_parameters or {}).items():
        known = _known(context.operation.path, name)
        if known:
            path_parameters[name] = _chosen(value, known) or value
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    """Half of the bodies that create something start from one that does; half leave out what nobody knows."""
    if not isinstance(body, dict) or context.operation.method.upper() != "POST":
        return body
    path = context.operation.path.removeprefix("/v1.0")
    kind = path.rsplit(".", 1)[-1] if "/microsoft.graph." in path else None
    sets = {"/users": "user", "/groups": "group", "/applications": "application",
            "/servicePrincipals": "servicePrincipal", "/directory/administrativeUnits": "administrativeUnit",
            "/roleManagement/directory/roleDefinitions": "unifiedRoleDefinition",
            "/roleManagement/directory/roleAssignments": "unifiedRoleAssignment",
            "/directory/attributeSets": "attributeSet", "/oauth2PermissionGrants": "oAuth2PermissionGrant"}
    example = FACTS["bodies"].get(kind or sets.get(path))
    return example | body if example and len(body) % 2 else body


@schemathesis.hook
def map_headers(context, headers):
    """One condition in four is sent: the others would end what they are sent with at 412."""
    for name in ("If-Match", "If-None-Match"):
        if headers and name in headers and sum(map(ord, str(headers[name]))) % 4:
            del headers[name]
    return headers
