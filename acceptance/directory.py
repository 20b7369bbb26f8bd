"""The directory API as an administrator's client uses it: what every harness needs seeded, through public calls only."""
import threading
import time
import uuid

from https_client import Client

EXCHANGE = "api://AzureADTokenExchange"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# How a resource application asks for RFC 9068 tokens (`at+jwt`, ES256); without it the shape is Entra's v1 or v2.
RFC9068 = {"requestedAccessTokenVersion": 9068}


class Refused(RuntimeError):
    """An answer other than the one asked for."""


class Directory:
    """An administrator of one tenant."""

    def __init__(self, base, ca, tenant):
        self.base, self.tenant = base, tenant["tenantId"]
        self.client = Client(base, ca)
        self._id, self._secret = tenant["adminClientId"], tenant["adminClientSecret"]
        self._token, self._until, self._lock = None, 0.0, threading.Lock()

    @property
    def token_path(self):
        return f"/{self.tenant}/oauth2/v2.0/token"

    @property
    def scope(self):
        """The directory API's own scope."""
        return f"{self.base}/.default"

    def bearer(self):
        """The administrator's token, fetched anew a minute before it ends."""
        with self._lock:
            if time.monotonic() > self._until:
                answer = self.client.form(self.token_path, {
                    "grant_type": "client_credentials", "client_id": self._id, "client_secret": self._secret,
                    "scope": self.scope})
                if answer.status != 200:
                    raise Refused(f"the administrator's token: {answer}")
                self._token = answer.json()["access_token"]
                self._until = time.monotonic() + answer.json()["expires_in"] - 60
            return self._token

    def call(self, method, path, body=None, want=(200, 201, 204)):
        """One Graph call that must succeed."""
        answer = self.client.json(method, "/v1.0" + path, body, self.bearer())
        if answer.status not in want:
            raise Refused(f"{method} {path}: {answer}")
        return answer.json()

    def pages(self, path):
        """Every item of a collection, page after page."""
        path = "/v1.0" + path
        while path:
            answer = self.client.json("GET", path, bearer=self.bearer())
            if answer.status != 200:
                raise Refused(f"GET {path}: {answer}")
            page = answer.json()
            yield from page["value"]
            path = page.get("@odata.nextLink", "").removeprefix(self.base)

    def reference(self, kind, identifier):
        return f"{self.base}/v1.0/{kind}/{identifier}"

    def user(self, name="ada"):
        """A person; answers the object."""
        nick = f"{name}-{uuid.uuid4().hex[:8]}"
        return self.call("POST", "/users", {"displayName": name, "userPrincipalName": f"{nick}@contoso.test",
                                            "mailNickname": nick, "accountEnabled": True})

    def blueprint(self, sponsor, name="Order desk"):
        """A blueprint and its principal; answers both."""
        blueprint = self.call("POST", "/applications/microsoft.graph.agentIdentityBlueprint", {
            "displayName": name, "sponsors@odata.bind": [self.reference("users", sponsor["id"])]})
        principal = self.call("POST", "/servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal",
                              {"appId": blueprint["appId"]})
        return blueprint, principal

    def agent(self, blueprint, sponsor, name="order-bot"):
        """An agent identity; answers the object."""
        return self.call("POST", "/servicePrincipals/microsoft.graph.agentIdentity", {
            "displayName": name, "agentIdentityBlueprintId": blueprint["appId"],
            "sponsors@odata.bind": [self.reference("users", sponsor["id"])]})

    def password(self, application):
        """A new client secret of an application or blueprint."""
        made = self.call("POST", f"/applications/{application['id']}/addPassword",
                         {"passwordCredential": {"displayName": "acceptance"}})
        return made["secretText"]

    def agent_user(self, agent, name="order-clerk"):
        """The account of a person for an agent identity; answers the object."""
        nick = f"{name}-{uuid.uuid4().hex[:8]}"
        return self.call("POST", "/users/microsoft.graph.agentUser", {
            "displayName": name, "userPrincipalName": f"{nick}@contoso.test", "mailNickname": nick,
            "accountEnabled": True, "identityParentId": agent["id"]})

    def resource(self, identifier_uri, role="Orders.Read", shape=None, scope="Orders.List"):
        """A resource application with one app role and one delegated permission, and its principal; answers both."""
        delegated = {"id": str(uuid.uuid4()), "value": scope, "type": "User", "isEnabled": True,
                     "adminConsentDisplayName": scope, "adminConsentDescription": scope}
        application = self.call("POST", "/applications", {
            "displayName": identifier_uri.removeprefix("api://"), "identifierUris": [identifier_uri],
            "api": (shape or {"requestedAccessTokenVersion": 2}) | {"oauth2PermissionScopes": [delegated]},
            "appRoles": [{"id": str(uuid.uuid4()), "value": role, "displayName": role, "description": role,
                          "allowedMemberTypes": ["Application"], "isEnabled": True}]})
        principal = self.call("POST", "/servicePrincipals", {"appId": application["appId"]})
        return application, principal

    def client_application(self, name):
        """An ordinary confidential client and its principal; answers both."""
        application = self.call("POST", "/applications", {"displayName": name})
        return application, self.call("POST", "/servicePrincipals", {"appId": application["appId"]})

    def assign(self, principal, resource, resource_principal):
        """Gives the resource's first role to a principal."""
        return self.call("POST", f"/servicePrincipals/{principal['id']}/appRoleAssignments", {
            "principalId": principal["id"], "resourceId": resource_principal["id"],
            "appRoleId": resource["appRoles"][0]["id"]})

    def enable(self, principal, enabled):
        """Turns a principal on or off; returns at the acknowledgement."""
        self.call("PATCH", f"/servicePrincipals/{principal['id']}", {"accountEnabled": enabled})


class TokenClient:
    """The two steps of an agent, over one keep-alive connection per thread."""

    def __init__(self, directory, ca, blueprint_id, blueprint_secret):
        self.client, self._path = Client(directory.base, ca), directory.token_path
        self._blueprint = {"client_id": blueprint_id, "client_secret": blueprint_secret}

    def first_step(self, agent_id):
        """T1 for an agent."""
        return self.client.form(self._path, self._blueprint | {
            "grant_type": "client_credentials", "scope": f"{EXCHANGE}/.default", "fmi_path": agent_id})

    def second_step(self, agent_id, t1, scope):
        """The agent's token for a resource."""
        return self.client.form(self._path, {
            "grant_type": "client_credentials", "client_id": agent_id, "scope": scope,
            "client_assertion_type": BEARER, "client_assertion": t1})
