"""Runs the outside identity provider and fetches tokens from it."""
import base64
import os
import pathlib
import secrets
import subprocess

import certificates
from https_client import Client
from server import free_port

HERE = pathlib.Path(__file__).resolve().parent


def clients_folder():
    """Where install.sh put the client packages."""
    return pathlib.Path(os.environ.get("SIGNET_CLIENTS", pathlib.Path.home() / ".cache" / "signet" / "clients"))


class Peer:
    """oidc-provider on a free port, with a private CA of its own."""

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.issuer, self.ca = f"https://localhost:{self.port}", self.folder / "peer-ca.pem"
        self._secret, self._process = secrets.token_urlsafe(24), None
        certificates.authority(self.folder)

    def server_config(self):
        """What Signet must be told to fetch from it: the address, and the CA."""
        return f'[fetch]\nallow = ["localhost:{self.port}"]\nextra_ca = ["{self.ca}"]\n'

    def start(self):
        environment = os.environ | {"PEER_PORT": str(self.port), "PEER_DIR": str(self.folder),
                                    "PEER_SECRET": self._secret, "NODE_CLIENTS": str(clients_folder() / "node")}
        self._process = subprocess.Popen(
            ["node", "--no-warnings", HERE / "peer_oidc_provider.mjs"], env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=(self.folder / "peer.log").open("w"))
        if not self._process.stdout.readline().startswith("serving"):
            raise RuntimeError(f"oidc-provider did not start:\n{(self.folder / 'peer.log').read_text()[-2000:]}")
        return self

    def token(self):
        """A JWT for the exchange audience."""
        basic = base64.b64encode(f"workload-1:{self._secret}".encode()).decode()
        answer = Client(self.issuer, self.ca).form("/token", {"grant_type": "client_credentials"},
                                                   {"authorization": f"Basic {basic}"})
        if answer.status != 200:
            raise RuntimeError(f"the peer refused: {answer}")
        return answer.json()["access_token"]

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait(10)
