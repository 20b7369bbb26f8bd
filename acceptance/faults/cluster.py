"""Three Signet nodes over one PostgreSQL, each on a host of its own, behind one public name."""
import pathlib
import shutil
import time

import certificates
from server import Server

PORT, MANAGEMENT_PORT = 8443, 9443
FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def set_off_by(file):
    """What a command runs under whose wall clock is set off by what `file` says; its monotonic clock is not."""
    return ["env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={file}", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "FAKETIME_CACHE_DURATION=1", "FAKETIME_NO_CACHE=0"]


class Node(Server):
    """A `signet serve` on its own host; the clock it sees can be set off."""

    def __init__(self, host, folder, config):
        self.host, self.name, self.address = host, host.name, host.address
        super().__init__(folder, config)
        self.port, self.management_port = PORT, MANAGEMENT_PORT
        self.base = f"https://localhost:{PORT}"
        self._offset = self.folder / "clock"
        self.step_clock(0)

    @property
    def at(self):
        return self.address, self.port

    def launch(self, command, **outputs):
        clock = set_off_by(self._offset) if FAKETIME.exists() else []
        return self.host.start([*clock, *command], **outputs)

    def start(self, wait=90.0):
        """As a supervisor would: 69 says that the database is not there now, and is worth another try."""
        give_up = time.monotonic() + wait
        while True:
            try:
                return super().start(max(1.0, give_up - time.monotonic()))
            except RuntimeError as error:
                if "(exit 69)" not in str(error) or time.monotonic() > give_up:
                    raise
                time.sleep(0.3)

    def step_clock(self, seconds):
        """Sets the node's wall clock off by so much, from within a second on; its monotonic clock goes on."""
        self._offset.write_text(f"{seconds:+d}\n")


class Cluster:
    """The nodes and what they share: the master key, the certificate of the public name, the database's address."""

    def __init__(self, network, folder, database_url, password, config):
        self.folder = pathlib.Path(folder)
        certificates.authority(self.folder)
        self.ca = self.folder / "peer-ca.pem"
        (self.folder / "password").write_text(password)
        shared = config.format(url=database_url, password=self.folder / "password", certificate=self.folder / "peer.pem", key=self.folder / "peer.key")
        self.nodes = [Node(network.host(f"n{number}", 10 + number), self.folder / f"n{number}", shared)
                      for number in (1, 2, 3)]
        for node in self.nodes:
            node.ca = self.ca

    def start(self):
        first, *others = self.nodes
        first.start()
        for node in others:
            node.data.mkdir(mode=0o700, exist_ok=True)
            for shared in ("master.key", "record-key.json", "record-key.pub.json"):
                if (first.data / shared).exists():
                    shutil.copy(first.data / shared, node.data / shared)
            node.start()
        return self

    def kill(self):
        for node in self.nodes:
            node.kill()
