"""The ways to a token that are measured, as prepared requests against a seeded server."""
import base64
import json
import pathlib
import subprocess
import time
import urllib.parse
import uuid

from directory import BEARER, EXCHANGE, RFC9068
from https_client import Client
from load import Target


def _part(value):
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def certificate_assertion(folder, client_id, audience, name="client"):
    """A PS256 assertion as MSAL signs it, good for 50 minutes and for many requests."""
    folder = pathlib.Path(folder)
    der = subprocess.run(["openssl", "x509", "-in", f"{name}.crt", "-outform", "DER"], cwd=folder, check=True,
                         capture_output=True).stdout
    thumbprint = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=der, check=True,
                                capture_output=True).stdout
    now = int(time.time())
    signed = _part({"alg": "PS256", "typ": "JWT", "x5t#S256": _part(thumbprint)}) + "." + _part({
        "iss": client_id, "sub": client_id, "aud": audience, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
        "exp": now + 3000})
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", f"{name}.key", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
         "rsa_pss_saltlen:digest"], cwd=folder, input=signed.encode(), check=True, capture_output=True).stdout
    return f"{signed}.{_part(signature)}"


class Modes:
    """Seeds what the modes need beyond the fixture and prepares their requests."""

    def __init__(self, fixture, spread):
        directory = fixture.directory
        self._fixture, self.url = fixture, fixture.server.base + directory.token_path
        resource, principal = directory.resource("api://bench", "Bench.Run", RFC9068)
        self._clients, self._agents = [], []
        for number in range(spread):
            client, client_principal = directory.client_application(f"bench {number}")
            directory.assign(client_principal, resource, principal)
            self._clients.append((client["appId"], directory.password(client)))
            agent = directory.agent(fixture.blueprint, fixture.sponsor, f"bench {number}")
            directory.assign(agent, resource, principal)
            self._agents.append(agent["id"])

    def _target(self, name, forms):
        return Target(name, self.url, self._fixture.server.process.pid, [urllib.parse.urlencode(form) for form in forms])

    def secret(self):
        """Ordinary clients, each with its secret, for an `at+jwt` resource: the figure that the target ratio is about."""
        return self._target("secret", [{
            "grant_type": "client_credentials", "client_id": client, "client_secret": secret,
            "scope": "api://bench/.default"} for client, secret in self._clients])

    def _first_steps(self, credential):
        return [credential | {"grant_type": "client_credentials", "scope": f"{EXCHANGE}/.default", "fmi_path": agent,
                              "client_id": self._fixture.blueprint["appId"]} for agent in self._agents]

    def certificate(self):
        """T1 for a blueprint that signs; one assertion is used again, as MSAL does."""
        assertion = certificate_assertion(self._fixture.folder, self._fixture.blueprint["appId"], self.url)
        return self._target("certificate", self._first_steps({"client_assertion_type": BEARER,
                                                              "client_assertion": assertion}))

    def federated(self):
        """T1 for a blueprint that shows an outside issuer's token."""
        return self._target("federated", self._first_steps({"client_assertion_type": BEARER,
                                                            "client_assertion": self._fixture.peer.token()}))

    def two_step(self):
        """T1 by secret, then the agent's `at+jwt` by that T1: both requests are one token's cost."""
        first = self._first_steps({"client_secret": self._fixture.blueprint_secret})
        lines = [f"{agent}\t{urllib.parse.urlencode(one)}\t" + urllib.parse.urlencode({
            "grant_type": "client_credentials", "client_id": agent, "scope": "api://bench/.default",
            "client_assertion_type": BEARER}) for agent, one in zip(self._agents, first)]
        return Target("two-step", self.url, self._fixture.server.process.pid, lines, two_step=True)

    def sample(self, target):
        """One token as the target's first line gets it; in two steps, the second one's."""
        if not target.two_step:
            return self._token(target.lines[0])
        _, first, second = target.lines[0].split("\t")
        return self._token(f"{second}&client_assertion={self._token(first)}")

    def _token(self, body):
        fixture = self._fixture
        answer = Client(fixture.server.base, fixture.server.ca).form(
            fixture.directory.token_path, urllib.parse.parse_qsl(body))
        if answer.status != 200:
            raise RuntimeError(f"{body.split('&client_')[0]}: {answer}")
        return answer.json()["access_token"]
