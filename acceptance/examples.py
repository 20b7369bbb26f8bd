"""A valid object of each type of the directory and a valid body for each way to make or change one: what harnesses that
walk every operation send. Everything is made through public calls."""
import base64
import time
import uuid

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

GRAPH = "microsoft.graph."


def unique(stem):
    """A name that nothing else has."""
    return f"{stem}-{uuid.uuid4().hex[:10]}"


def bare_key():
    """A new public key as base64 of its SubjectPublicKeyInfo."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


class Examples:
    """Makes objects as an administrator of one tenant; `directory` is a `Directory`, `fixture` what it seeded."""

    def __init__(self, fixture):
        self.fixture, self.directory = fixture, fixture.directory
        self._directory_principal = None

    # The bodies, by the type that is created.

    def user(self):
        nick = unique("ann")
        return {"displayName": "Ann", "userPrincipalName": f"{nick}@contoso.test", "mailNickname": nick,
                "accountEnabled": True}

    def group(self):
        return {"displayName": "Order desk", "mailNickname": unique("desk"), "mailEnabled": False,
                "securityEnabled": True, "uniqueName": unique("desk")}

    def administrativeUnit(self):
        return {"displayName": "Sales"}

    def unifiedRoleDefinition(self):
        return {"displayName": unique("Namer"), "isEnabled": True, "rolePermissions": [
            {"allowedResourceActions": ["microsoft.directory/agentIdentities/basic/update"]}]}

    def unifiedRoleAssignment(self):
        return {"principalId": self.made("user")["id"], "directoryScopeId": "/",
                "roleDefinitionId": self.made("unifiedRoleDefinition")["id"]}

    def attributeSet(self):
        return {"id": "S" + uuid.uuid4().hex[:12], "description": "Of the examples"}

    def customSecurityAttributeDefinition(self):
        return {"attributeSet": self.made("attributeSet")["id"], "name": "Project", "type": "String",
                "status": "Available", "usePreDefinedValuesOnly": True}

    def application(self):
        return {"displayName": "Web", "uniqueName": unique("web")}

    def servicePrincipal(self):
        return {"appId": self.made("application")["appId"]}

    def agentIdentityBlueprint(self):
        return {"displayName": "Orders", "uniqueName": unique("orders"), "sponsors@odata.bind": [self._sponsor()]}

    def agentIdentityBlueprintPrincipal(self):
        return {"appId": self.made("agentIdentityBlueprint")["appId"]}

    def agentIdentity(self):
        return {"displayName": "bot", "agentIdentityBlueprintId": self.fixture.blueprint["appId"],
                "sponsors@odata.bind": [self._sponsor()]}

    def agentUser(self):
        return self.user() | {"identityParentId": self.made("agentIdentity")["id"]}

    def oAuth2PermissionGrant(self):
        return {"clientId": self.made("servicePrincipal")["id"], "consentType": "AllPrincipals",
                "resourceId": self.fixture.resource_principal["id"], "scope": "Orders.List"}

    def appRoleAssignment(self, principal=None):
        return {"principalId": principal or self.made("servicePrincipal")["id"],
                "resourceId": self.fixture.resource_principal["id"],
                "appRoleId": self.fixture.resource["appRoles"][0]["id"]}

    def federatedIdentityCredential(self):
        return {"name": unique("peer"), "issuer": "https://issuer.example", "subject": unique("subject"),
                "audiences": ["api://AzureADTokenExchange"]}

    def inheritablePermission(self):
        return {"resourceAppId": self.made("servicePrincipal")["appId"],
                "inheritableScopes": {"@odata.type": f"{GRAPH}allAllowedScopes", "kind": "allAllowed"}}

    def allowedValue(self):
        return {"id": "V" + uuid.uuid4().hex[:12], "isActive": True}

    def scopedRoleMembership(self):
        return {"roleId": self.made("unifiedRoleDefinition")["id"],
                "roleMemberInfo": {"id": self.made("user")["id"]}}

    def permissionGrantPolicy(self):
        return {"id": unique("policy"), "displayName": "Of the examples", "description": "Of the examples"}

    def alertRule(self):
        return {"displayName": unique("rule"), "severity": "low", "evaluation": "streaming",
                "query": "AuditLogs | where OperationName == 'Nothing of the kind'"}

    def logFunction(self):
        return {"displayName": "Example" + uuid.uuid4().hex[:12], "query": "AuditLogs | where Result == 'failure'"}

    def watchlist(self):
        return {"displayName": unique("list"), "itemsSearchKey": "AppId", "rawContent": "AppId,Owner\n1,Somebody\n"}

    def logTable(self):
        # There is one of each table: the last example makes room.
        for one in self.directory.pages("/security/logTables"):
            self.directory.call("DELETE", f"/security/logTables/{one['id']}")
        return {"displayName": "AuditLogs", "retentionInDays": 400}

    def legalHold(self):
        return {"displayName": unique("hold"), "caseId": "7", "reason": "An example", "toDateTime": "2020-01-01T00:00:00Z"}

    def permissionGrantConditionSet(self):
        return {"permissionType": "application"}

    def appManagementPolicy(self):
        return {"displayName": "Of the examples", "description": "Of the examples", "isEnabled": False,
                "restrictions": {"passwordCredentials": []}}

    # What is changed by an update, by type. One that is not here changes its `displayName`.

    CHANGES = {
        "attributeSet": {"description": "Another"},
        "customSecurityAttributeDefinition": {"description": "Another"},
        "oAuth2PermissionGrant": {"scope": "Orders.List openid"},
        "federatedIdentityCredential": {"description": "Another"},
        "inheritablePermission": {"inheritableScopes": {"@odata.type": f"{GRAPH}noScopes", "kind": "none"}},
        "allowedValue": {"isActive": False},
        "permissionGrantConditionSet": {"permissionType": "delegated"},
        "organization": {"displayName": "Contoso"},
        "alert": {"status": "resolved"}, "logTable": {"totalRetentionInDays": 400},
        "tenantAppManagementPolicy": {"isEnabled": False},
        "authorizationPolicy": {"agentPermissionGrantPoliciesAssigned": None},
    }

    # The bodies of actions.

    def action(self, name, holder):
        """The body of the action `name` on an object as it was made."""
        if name in ("removePassword", "removeKey"):
            holds = "appId" in holder and "agentIdentityBlueprintId" not in holder
            made = self.directory.call("POST", f"/applications/{holder['id']}/addPassword", {}) if holds else {}
            return {"keyId": made.get("keyId", str(uuid.uuid4()))} | ({"proof": "x.y.z"} if name == "removeKey" else {})
        return {
            "addPassword": {"passwordCredential": {"displayName": "example"}},
            "addKey": {"keyCredential": {"type": "AsymmetricPublicKey", "usage": "Verify", "key": bare_key()},
                       "passwordCredential": None, "proof": "x.y.z"},
            "checkMemberGroups": {"groupIds": [str(uuid.uuid4())]},
            "checkMemberObjects": {"ids": [str(uuid.uuid4())]},
            "getMemberGroups": {"securityEnabledOnly": False},
            "getMemberObjects": {"securityEnabledOnly": False},
            "previewPermissions": {}, "unsetVerifiedPublisher": {}, "approve": {}, "deny": {},
            "resend": {}, "drop": {},
            "setVerifiedPublisher": {"verifiedPublisherId": "1234567"},
            "getByIds": {"ids": [holder["id"]]}, "dryRun": {"rule": self.alertRule()},
        }[name]

    # Objects.

    SETS = {
        "user": "/users", "group": "/groups", "administrativeUnit": "/directory/administrativeUnits",
        "unifiedRoleDefinition": "/roleManagement/directory/roleDefinitions",
        "unifiedRoleAssignment": "/roleManagement/directory/roleAssignments",
        "attributeSet": "/directory/attributeSets",
        "customSecurityAttributeDefinition": "/directory/customSecurityAttributeDefinitions",
        "application": "/applications", "servicePrincipal": "/servicePrincipals",
        "agentIdentityBlueprint": f"/applications/{GRAPH}agentIdentityBlueprint",
        "agentIdentityBlueprintPrincipal": f"/servicePrincipals/{GRAPH}agentIdentityBlueprintPrincipal",
        "agentIdentity": f"/servicePrincipals/{GRAPH}agentIdentity",
        "agentUser": f"/users/{GRAPH}agentUser",
        "oAuth2PermissionGrant": "/oauth2PermissionGrants",
        "permissionGrantPolicy": "/policies/permissionGrantPolicies", "alertRule": "/security/alertRules",
        "logFunction": "/security/logFunctions", "watchlist": "/security/watchlists",
        "logTable": "/security/logTables", "legalHold": "/security/legalHolds",
        "appManagementPolicy": "/policies/appManagementPolicies",
    }

    def served(self):
        """The sets above that this server has."""
        paths = self.directory.client.request("GET", "/openapi.json").json()["paths"]
        return {kind: path for kind, path in self.SETS.items() if f"/v1.0{path}" in paths}

    def made(self, kind):
        """A new object of a type that has a set of its own."""
        body = getattr(self, kind)()
        return self.directory.call("POST", self.SETS[kind], body)

    def existing(self, kind):
        """An object of a type that clients do not create."""
        if kind in ("orphanedObject", "exportDeadLetter"):
            # There is none in a healthy tenant, nor of what no receiver refused.
            return {"id": str(uuid.uuid4())}
        if kind == "credentialChangeRequest":
            return {"id": self._change_request()}
        path = {"organization": "/organization", "directoryRole": "/directoryRoles", "alert": "/security/alerts",
                "directoryAudit": "/auditLogs/directoryAudits", "signIn": "/auditLogs/signIns"}[kind]
        for _ in range(50):
            found = self.directory.call("GET", f"{path}?$top=1")["value"]
            if found:
                return found[0]
            time.sleep(0.1)
        raise RuntimeError(f"there is nothing in {path}")

    def object(self, kind):
        """An object of a type, new where clients create it."""
        return self.made(kind) if kind in self.SETS else self.existing(kind)

    def _change_request(self):
        """A request to change a blueprint's credentials, for which the tenant asks a second approver for a moment."""
        blueprint = self.made("agentIdentityBlueprint")["id"]
        path = f"/organization/{self.existing('organization')['id']}"
        self.directory.call("PATCH", path, {"credentialChangeApproval": {"isRequired": True}})
        asked = self.directory.call("POST", f"/applications/{blueprint}/addPassword", {}, want=(409,))
        self.directory.call("PATCH", path, {"credentialChangeApproval": {"isRequired": False}})
        return asked["error"]["details"][0]["target"]

    def _sponsor(self):
        return self.directory.reference("users", self.fixture.sponsor["id"])
