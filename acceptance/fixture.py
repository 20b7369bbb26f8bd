#!/usr/bin/env python3
"""Starts the built server on a fresh data directory, seeds it through its public API and runs a command against it.

    fixture.py [--peer] [--keep] -- COMMAND ...

The command finds the facts in the JSON file named by SIGNET_FIXTURE (secrets are in it: the folder is 0700 and removed
at the end). `--peer` also runs an outside identity provider and a federated credential for it.
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import certificates
from checks import check, failed
from directory import EXCHANGE, Directory
from https_client import claims
from peer import Peer, clients_folder
from server import Server

RESOURCE = "api://orders"
ROLE, SCOPE = "Orders.Read", "Orders.List"
MORE_AGENTS = 3  # some clients keep what they got for an agent, whoever asks next


def load():
    """The facts, as a script started by this file sees them."""
    return json.loads(pathlib.Path(os.environ["SIGNET_FIXTURE"]).read_text())


class Fixture:
    """A running server with one tenant; the objects as Graph answered them.

    Every part is played by another: the administrator's client manages the directory, the blueprint speaks for its
    agents, the web client is what people would use, the sponsor is a person, the agent user is nobody's sponsor.
    """

    def __init__(self, folder, peer=None):
        self.folder, self.peer = pathlib.Path(folder), peer
        self.server = Server(self.folder / "server", peer.server_config() if peer else "")

    def start(self):
        self.server.start()
        self.tenant = self.server.create_tenant("Contoso")
        self.directory = Directory(self.server.base, self.server.ca, self.tenant)
        self._seed()
        return self

    def _seed(self):
        directory = self.directory
        self.sponsor = directory.user()
        self.blueprint, self.blueprint_principal = directory.blueprint(self.sponsor)
        self.blueprint_secret = directory.password(self.blueprint)
        self.agent = directory.agent(self.blueprint, self.sponsor)
        self.more_agents = [directory.agent(self.blueprint, self.sponsor) for _ in range(MORE_AGENTS)]
        self.agent_user = directory.agent_user(self.agent)
        self.web_client, self.web_client_principal = directory.client_application("Web console")
        self.web_client_secret = directory.password(self.web_client)
        self.resource, self.resource_principal = directory.resource(RESOURCE, ROLE, scope=SCOPE)
        self.resource_secret = directory.password(self.resource)
        directory.assign(self.agent, self.resource, self.resource_principal)
        certificates.client(self.folder)
        directory.call("PATCH", f"/applications/{self.blueprint['id']}",
                       {"keyCredentials": [certificates.key_credential(self.folder)]})
        if self.peer:
            self._federate(self.peer.token())

    def _federate(self, token):
        self.federated_token = token
        directory, seen = self.directory, claims(token)
        directory.call("POST", f"/applications/{self.blueprint['id']}/federatedIdentityCredentials", {
            "name": "peer", "issuer": seen["iss"], "subject": seen["sub"], "audiences": [EXCHANGE]})

    def facts(self):
        """What a client script needs to know."""
        facts = {
            "url": self.server.base, "ca": str(self.server.ca), "ca_bundle": str(self.server.ca),
            "management_url": f"http://127.0.0.1:{self.server.management_port}",
            "pid": self.server.process.pid, "data_dir": str(self.server.data),
            "tenant_id": self.tenant["tenantId"], "admin_client_id": self.tenant["adminClientId"],
            "admin_client_secret": self.tenant["adminClientSecret"],
            "blueprint_app_id": self.blueprint["appId"], "blueprint_secret": self.blueprint_secret,
            "blueprint_principal_id": self.blueprint_principal["id"],
            "agent_app_id": self.agent["id"], "directory_scope": self.directory.scope,
            "more_agents": [one["id"] for one in self.more_agents],
            "agent_user_id": self.agent_user["id"], "agent_user_upn": self.agent_user["userPrincipalName"],
            "sponsor_id": self.sponsor["id"], "sponsor_upn": self.sponsor["userPrincipalName"],
            "web_client_id": self.web_client["appId"], "web_client_secret": self.web_client_secret,
            "web_client_principal_id": self.web_client_principal["id"],
            "resource": RESOURCE, "resource_scope": f"{RESOURCE}/.default", "resource_role": ROLE,
            "resource_role_id": self.resource["appRoles"][0]["id"], "resource_delegated_scope": SCOPE,
            "resource_principal_id": self.resource_principal["id"],
            "resource_app_id": self.resource["appId"], "resource_secret": self.resource_secret,
        }
        facts |= {f"cred_{kind}": str(self.folder / f"client.{kind}") for kind in ("pem", "crt", "key", "pfx")}
        if self.peer:
            path = self.folder / "federated.jwt"
            path.write_text(self.federated_token)
            facts["federated_token_file"] = str(path)
        return facts


@contextlib.contextmanager
def running(with_peer=False, keep=False):
    """A started fixture; everything is swept, ended and removed afterwards: whoever uses it cannot pass and leave a
    store behind that contradicts itself."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-acceptance-"))
    peer = Peer(folder / "peer").start() if with_peer else None
    fixture = Fixture(folder, peer)
    try:
        yield fixture.start()
        said = fixture.server.contradictions()
        check("the sweep over the whole store finds nothing", said is None, said)
    finally:
        fixture.server.kill()
        if peer:
            peer.stop()
        if keep:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer", action="store_true", help="run an outside identity provider too")
    options.add_argument("--keep", action="store_true", help="leave data and logs behind and say where")
    options.add_argument("command", nargs="+", help="what to run, after --")
    chosen = options.parse_args()
    with running(chosen.peer, chosen.keep) as fixture:
        path = fixture.folder / "fixture.json"
        path.write_text(json.dumps(fixture.facts(), indent=1))
        # Node reads NODE_EXTRA_CA_CERTS only when it starts.
        told = {"SIGNET_FIXTURE": str(path), "NODE_CLIENTS": str(clients_folder() / "node"),
                "NODE_EXTRA_CA_CERTS": str(fixture.server.ca)}
        run = subprocess.run(chosen.command, env=os.environ | told, stdin=subprocess.DEVNULL)
        if run.returncode != 0:
            print(f"--- the server's last words\n{fixture.server.last_words()}", file=sys.stderr)
    if failed():
        # The last sum that is printed is the one that counts.
        print("0 passed, 1 failed")
    sys.exit(run.returncode or failed())


if __name__ == "__main__":
    main()
