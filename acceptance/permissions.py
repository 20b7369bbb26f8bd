#!/usr/bin/env python3
"""Every operation of the directory API, asked by everybody who should and should not be let in.

For each operation that the generated OpenAPI lists: nobody gets 401; another tenant's administrator learns nothing; a
caller without a permission gets 403 with permissions that would do; a caller with one declared permission and no other
gets in, for each of them in turn; and each write that was done left one record, with who did it and to what. An
operation that nothing here has an example for is a failure.

    permissions.py [--only REGEX]
"""
import argparse
import collections
import re
import time
import uuid

from checks import check, done, skip
from examples import GRAPH, Examples
from fixture import running
from https_client import Client, claims

# A permission for some properties only, and a body that names one of them.
NARROW = {
    "EnableDisable": {"accountEnabled": True},
    "UpdateBranding": {"info": {"termsOfServiceUrl": "https://example.com/terms"}},
    "UpdateAuthProperties": {"identifierUris": []},
    "AddRemoveCreds": {"keyCredentials": []},
    "Policy.ReadWrite.ApplicationConfiguration": {},
    "CustomSecAttributeAssignment": {"customSecurityAttributes": {}},
}
# Permissions that reach only what belongs to the caller's own blueprint.
OF_BLUEPRINTS = ("AgentIdentity.CreateAsManager", "AgentIdUser.ReadWrite.IdentityParentedBy")
# Refusals by a rule about the caller, not by a permission that it lacks.
RULES = {
    "A blueprint cannot change who owns or sponsors it": "separation of duties",
    "A blueprint adds keys to itself alone": "its own token is the proof",
}
# Objects that are the same in every tenant.
EVERYWHERE = ("directoryRole",)
# What one write leaves besides its own record: an alert, and a grant under the name that it had once.
BESIDES = ("Raise alert", "Add OAuth2PermissionGrant")
# The type that a permission is about, where an operation is about every type.
ABOUT = {
    "User": "user", "Group": "group", "GroupMember": "group", "Application": "application",
    "AdministrativeUnit": "administrativeUnit", "RoleManagement": "unifiedRoleDefinition",
    "AgentIdentityBlueprint": "agentIdentityBlueprint", "AgentIdUser": "agentUser", "AgentIdentity": "agentIdentity",
    "AgentIdentityBlueprintPrincipal": "agentIdentityBlueprintPrincipal", "Directory": "group",
    "Organization": "organization", "Policy": "appManagementPolicy", "Policy.Read.PermissionGrant": "permissionGrantPolicy",
    "Policy.ReadWrite.PermissionGrant": "permissionGrantPolicy",
    "AgentIdentityBlueprint.AddRemoveCreds.All": "credentialChangeRequest", "SecurityEvents": "alert", "CustomDetection": "alertRule",
    "AuditLog": "logFunction", "LogRetention": "legalHold", "LogExport": "exportDeadLetter",
    "CustomSecAttributeDefinition": "attributeSet", "DelegatedPermissionGrant": "oAuth2PermissionGrant",
}
# Relations whose far end is not a person.
ENDS = {"appManagementPolicies": "appManagementPolicy"}
PEOPLE = ("owners", "sponsors", "manager", "members")
# Actions that change nothing, and so leave no record.
READING = ("checkMember", "getMember", "previewPermissions", "getByIds", "dryRun")

Operation = collections.namedtuple("Operation", "method path entity permissions subject")


def operations(document):
    """All that the document lists, but the batch, which is made of others."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if method == "parameters" or told["tags"] == ["batch"]:
                continue
            answer = told["responses"].get("201", {}).get("content", {}).get("application/json", {}).get("schema", {})
            subject = answer.get("$ref", "").rsplit(".", 1)[-1]
            yield Operation(method.upper(), path.removeprefix("/v1.0"), told["tags"][0], told["x-permissions"], subject)


class Missing(RuntimeError):
    """There is no example for an operation."""


class Walk:
    """A tenant with a caller for each permission, and another tenant."""

    def __init__(self, fixture):
        self.fixture, self.directory, self.examples = fixture, fixture.directory, Examples(fixture)
        self.client = Client(fixture.server.base, fixture.server.ca)
        # What hangs off an object, by its name; this one is made elsewhere.
        self.contained = {"oauth2PermissionGrants": "oAuth2PermissionGrant"}
        api = self.directory.call("GET", "/servicePrincipals?$filter=appId%20eq%20'00000003-0000-0000-c000-000000000000'")
        self.api = api["value"][0]
        self.roles = {role["value"]: role["id"] for role in self.api["appRoles"]}
        self._callers = {}
        other = fixture.server.create_tenant("Fabrikam")
        self.stranger = type(self.directory)(fixture.server.base, fixture.server.ca, other).bearer()

    def caller(self, permission):
        """The id and the token of a client that holds this permission and no other; of none, if it is None."""
        if permission not in self._callers:
            if permission in OF_BLUEPRINTS:
                held, secret = self.fixture.blueprint_principal, self.fixture.blueprint_secret
            else:
                application, held = self.directory.client_application(f"Holder of {permission}")
                secret = self.directory.password(application)
            if permission and permission != "AgentIdentity.CreateAsManager":
                self.directory.call("POST", f"/servicePrincipals/{held['id']}/appRoleAssignments", {
                    "principalId": held["id"], "resourceId": self.api["id"], "appRoleId": self.roles[permission]})
            answer = self.client.form(self.directory.token_path, {
                "grant_type": "client_credentials", "client_id": held["appId"], "client_secret": secret,
                "scope": self.directory.scope}).json()
            token = answer["access_token"]
            if permission not in OF_BLUEPRINTS and set(claims(token).get("roles", [])) != {permission} - {None}:
                raise RuntimeError(f"the token of {permission} carries {claims(token).get('roles')}")
            self._callers[permission] = held["id"], token
        return self._callers[permission]

    def ask(self, operation, prepared, token, correlation=None):
        path, body = prepared
        if "{" in path:
            raise Missing(f"what stands in {path}")
        headers = {"client-request-id": correlation} if correlation else {}
        return self.client.json(operation.method, "/v1.0" + path, body, token, headers)

    # What an operation is sent, on objects that are there.

    def prepared(self, operation, permission=None):
        """The path and the body; what they name is new."""
        path, kind = operation.path, operation.entity
        if kind == "directoryObject" or path.startswith("/directory/deletedItems/{id}"):
            permission = permission or "User.Read.All"
            kind = ABOUT.get(permission) or ABOUT.get(permission.split(".")[0], "user")
        if path.startswith("/directory/deletedItems/{id}"):
            return self._deleted(path, kind)
        if "{" not in path:
            return self._of_set(operation, path, kind)
        made = self.examples.object(kind)
        rest = path.split(")", 1)[-1] if "(" in path else path.split("{id}", 1)[-1]
        path = re.sub(r"\((\w+)='\{\w+\}'\)", lambda key: f"({key[1]}='{made[key[1]]}')", path)
        path = path.replace("{id}", made["id"], 1)
        parts = [part for part in rest.split("/") if part and not part.startswith(GRAPH)]
        if not parts:
            return path, self._change(kind, permission) if operation.method == "PATCH" else None
        return self._part(operation, (path, kind, made), parts, permission)

    def _deleted(self, path, kind):
        made = self.examples.made(kind)
        owner = Examples.SETS[kind].split(f"/{GRAPH}")[0]
        self.directory.call("DELETE", f"{owner}/{made['id']}")
        return path.replace("{id}", made["id"]), {} if path.endswith("restore") else None

    def _of_set(self, operation, path, kind):
        name = path.rsplit("/", 1)[-1]
        if operation.method == "GET":
            return path, None
        if operation.method == "PATCH":
            return path, self._change(kind, None)
        if name in ("getByIds", "dryRun"):
            return path, self.examples.action(name, self.examples.made("user"))
        return path, getattr(self.examples, operation.subject)()

    def _change(self, kind, permission):
        narrow = next((body for part, body in NARROW.items() if part in (permission or "")), None)
        return narrow if narrow is not None else Examples.CHANGES.get(kind, {"displayName": "Another"})

    def _part(self, operation, holder, parts, permission):
        path, _, made = holder
        name, method = parts[0], operation.method
        owner = path.split("/" + name)[0]
        if name in self.contained:
            return self._hung(operation, (owner, made), parts, permission)
        if method == "GET":
            if name == "manager":
                self.directory.call("PUT", f"{owner}/manager/$ref", self._reference(name))
            return path, None
        if parts[-1] == "$ref":
            return self._link(operation, path, owner, parts)
        return path, self.examples.action(name, made)

    def _reference(self, name):
        end = self.examples.made(ENDS.get(name, "user")) if name in PEOPLE or name in ENDS else None
        if end is None:
            raise Missing(f"what {name} lead to")
        return {"@odata.id": self.directory.reference("directoryObjects", end["id"])}

    def _link(self, operation, path, owner, parts):
        name, reference = parts[0], self._reference(parts[0])
        if operation.method != "DELETE":
            return path, reference
        self.directory.call("PUT" if name == "manager" else "POST", f"{owner}/{name}/$ref", reference)
        return path.replace("{id2}", reference["@odata.id"].rsplit("/", 1)[-1]), None

    def _hung(self, operation, holder, parts, permission):
        """Something that hangs off an object: made first, where the operation is about one."""
        owner, made = holder
        name, kind = parts[0], self.contained[parts[0]]
        if len(parts) == 1 and operation.method == "POST":
            return f"{owner}/{name}", self._hung_body(name, kind, made)
        if len(parts) == 1 or parts[1] == "$count":
            return f"{owner}/{'/'.join(parts)}", None
        key = {"{name}": "name", "{resourceAppId}": "resourceAppId"}.get(parts[1], "id")
        body = self._hung_body(name, kind, made)
        if kind == "oAuth2PermissionGrant":
            one = self.directory.call("POST", "/oauth2PermissionGrants", body)
        else:
            one = self.directory.call("POST", f"{owner}/{name}", body)
        change = self._change(kind, None) if operation.method == "PATCH" else None
        return f"{owner}/{name}/{one[key]}", change

    def _hung_body(self, name, kind, made):
        body = getattr(self.examples, kind)()
        if name == "appRoleAssignments":
            body["principalId"] = made["id"]
        if kind == "oAuth2PermissionGrant":
            body["clientId"] = made["id"]
        if name == "appRoleAssignedTo":
            body |= {"resourceId": made["id"], "appRoleId": str(uuid.UUID(int=0))}
        return body

    # The callers.

    def operation(self, operation):
        name = f"{operation.method} {operation.path}"
        try:
            prepared = self.prepared(operation)
            faults = self._strangers(operation, prepared) + self._unprivileged(operation, prepared)
            for permission in operation.permissions:
                if permission not in self.roles:
                    skip(f"{name} with {permission}", "no application can hold it")
                    continue
                faults += self._privileged(operation, permission)
        except (Missing, AttributeError, KeyError, RuntimeError) as error:
            check(name, False, f"no example: {type(error).__name__} {error}")
            return
        check(name, not faults, faults)

    def _strangers(self, operation, prepared):
        faults = []
        nobody = self.ask(operation, prepared, None)
        if nobody.status != 401 or "www-authenticate" not in nobody.headers:
            faults.append(f"nobody: {nobody}")
        other = self.ask(operation, prepared, self.stranger)
        if "{" in operation.path and operation.entity not in EVERYWHERE and other.status not in (400, 401, 404, 405):
            faults.append(f"another tenant: {other}")
        if self.fixture.sponsor["userPrincipalName"].encode() in other.body:
            faults.append(f"another tenant is told: {other}")
        return faults

    def _unprivileged(self, operation, prepared):
        answer = self.ask(operation, prepared, self.caller(None)[1])
        told = answer.status == 403 and answer.json()["error"]["message"]
        if not told or not any(permission in told for permission in operation.permissions):
            return [f"without a permission: {answer}"]
        return []

    def _privileged(self, operation, permission):
        prepared, (who, token) = self.prepared(operation, permission), self.caller(permission)
        correlation = str(uuid.uuid4())
        answer = self.ask(operation, prepared, token, correlation)
        self.answers[answer.status // 100] += 1
        if answer.status == 403 and any(rule in str(answer.body) for rule in RULES):
            return []
        if answer.status in (401, 403) or answer.status >= 500:
            return [f"with {permission}: {answer}"]
        if answer.status >= 300:
            self.refused[f"{operation.method} {operation.path}"] = f"{answer.status} {answer.json()['error']['message']}"
        writes = operation.method != "GET" and not any(part in operation.path for part in READING)
        if not writes or answer.status >= 300:
            return []
        return self._recorded(permission, correlation, who)

    def _recorded(self, permission, correlation, who):
        """One record, of this caller, that names what was done to what."""
        until, query = time.monotonic() + 5, f"$filter=correlationId%20eq%20'{correlation}'"
        found = []
        while not found and time.monotonic() < until:
            found = self.directory.call("GET", f"/auditLogs/directoryAudits?{query}")["value"]
            found = [one for one in found if one["activityDisplayName"] not in BESIDES]
        self.records += len(found)
        by = [(one.get("initiatedBy") or {}).get("app") or {} for one in found]
        named = all(one.get("servicePrincipalId") == who for one in by) and all(one["targetResources"] for one in found)
        if len(found) != 1 or not named:
            return [f"the record of the write with {permission}: {found}"]
        return []

    def run(self, only):
        document = self.client.request("GET", "/openapi.json").json()
        known = list(operations(document))
        for one in known:
            tail = [part for part in one.path.split("/") if not part.startswith(GRAPH)]
            if one.method == "POST" and "{id}" in one.path and one.subject:
                self.contained[tail[-1]] = one.subject
        self.answers, self.refused, self.records = collections.Counter(), {}, 0
        chosen = [one for one in known if re.search(only or "", f"{one.method} {one.path}")]
        for one in chosen:
            self.operation(one)
        done_, refused = self.answers[2], self.answers[4]
        print(f"{len(chosen)} operations; let in {done_ + refused} times with one permission, done {done_} times, "
              f"{self.records} records")
        for name, answer in self.refused.items():
            print(f"let in and refused: {name}: {answer}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", help="operations whose method and path match")
    chosen = options.parse_args()
    with running() as fixture:
        Walk(fixture).run(chosen.only)
    done()


if __name__ == "__main__":
    main()
