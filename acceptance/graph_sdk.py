"""The Graph SDKs for Python, unmodified, pointed at the server: what the scripts that use them share."""
import os

from fixture import load

FACTS = load()
os.environ["SSL_CERT_FILE"] = FACTS["ca_bundle"]  # httpx and aiohttp read it; set before they are imported
import importlib
import uuid

from azure.identity.aio import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider

from checks import check

BASE, TENANT = FACTS["url"], FACTS["tenant_id"]
# The SDKs bind to graph.microsoft.com whatever server they speak to; only the end of such an address counts.
VENDOR = "https://graph.microsoft.com/v1.0"


class Graph:
    """One version of the SDK as the administrator's client: its client, adapter and modules."""

    def __init__(self, version="v1.0", client=FACTS["admin_client_id"], secret=FACTS["admin_client_secret"]):
        self.version, self._package = version, {"v1.0": "msgraph", "beta": "msgraph_beta"}[version]
        package = importlib.import_module(self._package)
        self.credential = ClientSecretCredential(TENANT, client, secret, authority=BASE, disable_instance_discovery=True)
        sign_in = AzureIdentityAuthenticationProvider(
            self.credential, scopes=[FACTS["directory_scope"]], allowed_hosts=["localhost"])
        self.adapter = package.GraphRequestAdapter(sign_in)
        self.adapter.base_url = f"{BASE}/{version}"  # the one switch that moves the SDK off graph.microsoft.com
        self.client = package.GraphServiceClient(request_adapter=self.adapter)

    def model(self, name):
        """A model class, by its name: the module is the name in snake case."""
        return self.generated(f"models.{snake(name)}", name)

    def generated(self, module, name):
        """A class of the generated code."""
        return getattr(importlib.import_module(f"{self._package}.generated.{module}"), name)

    def address(self, path):
        """An address for `with_url`: the SDK has no builders for casts and alternate keys of other sets."""
        return f"{BASE}/{self.version}{path}"

    async def close(self):
        await self.credential.close()


def snake(name):
    """`AgentIdentityBlueprint` as `agent_identity_blueprint`; `OAuth2PermissionGrant` as `o_auth2_permission_grant`."""
    out = name[0].lower()
    for letter in name[1:]:
        out += f"_{letter.lower()}" if letter.isupper() else letter
    return out


def person(identifier):
    """A person as the SDK binds one."""
    return f"{VENDOR}/users/{identifier}"


def fresh(stem):
    """A name that nobody has."""
    return f"{stem}-{uuid.uuid4().hex[:8]}"


def query(builder, headers=None, **parameters):
    """The configuration of a builder's GET, with query parameters and headers; none of the former if none is named."""
    kind = getattr(type(builder), f"{type(builder).__name__}GetQueryParameters", None)
    chosen = RequestConfiguration(query_parameters=kind(**parameters) if parameters else None)
    for name, value in (headers or {}).items():
        chosen.headers.add(name, value)
    return chosen


async def step(name, call, ok=lambda result: True):
    """Awaits a call of the SDK; passes when `ok(result)` holds and nothing was raised."""
    result = None
    try:
        result = await call
        check(name, ok(result), repr(result))
    except Exception as error:  # a client may raise anything; the check says what
        check(name, False, f"{type(error).__name__}: {error}")
    return result


async def refused(name, call, status, code=None):
    """Awaits a call that must be refused with this status, and error code if one is named."""
    try:
        result = await call
    except Exception as error:  # judged below
        seen = getattr(error, "response_status_code", None), getattr(getattr(error, "error", None), "code", None)
        check(name, seen[0] == status and (code is None or seen[1] == code), f"{type(error).__name__} {seen}: {error}")
    else:
        check(name, False, f"answered {result!r}")
