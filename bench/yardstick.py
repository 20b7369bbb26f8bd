"""Starts the yardstick binary with the sizes that Signet's own tokens and records have."""
import os
import pathlib
import subprocess
import time
import urllib.parse

import certificates
from https_client import Client
from load import Target
from server import ROOT, free_port

SECRET = "sgn_cs_" + "y" * 49


class Yardstick:
    """A running yardstick."""

    def __init__(self, folder, claims_bytes, record_bytes):
        folder = pathlib.Path(folder)
        folder.mkdir()
        certificates.authority(folder)
        (folder / "secret").write_text(SECRET)
        built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "yardstick"
        port = free_port()
        self.url, self._ca = f"https://localhost:{port}/token", folder / "peer-ca.pem"
        self.process = subprocess.Popen(
            [os.environ.get("YARDSTICK_BIN", built), "--listen", f"127.0.0.1:{port}", "--certificate", folder / "peer.pem",
             "--key", folder / "peer.key", "--records", folder / "records", "--secret-file", folder / "secret",
             "--claims-bytes", str(claims_bytes), "--record-bytes", str(record_bytes)], stdin=subprocess.DEVNULL)
        self.token = self._first_token()

    def _form(self):
        return {"grant_type": "client_credentials", "client_id": "00000000-0000-4000-8000-000000000000",
                "client_secret": SECRET, "scope": "api://yardstick/.default"}

    def _first_token(self):
        give_up = time.monotonic() + 10
        while True:
            try:
                return Client(self.url, self._ca).form("/token", self._form()).json()["access_token"]
            except OSError:
                if time.monotonic() > give_up or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def target(self):
        return Target("yardstick", self.url, self.process.pid, [urllib.parse.urlencode(self._form())])

    def stop(self):
        self.process.kill()
        self.process.wait()
