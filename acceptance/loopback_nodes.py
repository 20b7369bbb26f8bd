"""Several Signet nodes over one PostgreSQL, all on the loopback address, behind one public name. Needs no rights."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

import certificates
from faults.cluster import set_off_by
from server import ROOT, Server, free_port

SHARED = ("master.key", "record-key.json", "record-key.pub.json")
CONFIG = """[storage]
url = "{url}"
schema = "{schema}"

[tls]
certificate = "{folder}/peer.pem"
key = "{folder}/peer.key"
"""


def postgres_bin():
    """The folder of the newest PostgreSQL server that is installed, or None."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


class Postgres:
    """A server of this run's own; as root it runs as `postgres`, which is what it insists on."""

    # What starts do with the schema (`storage.schema`).
    schema = "migrate"

    def __init__(self, folder):
        self.folder, self.port, self.process = pathlib.Path(folder), free_port(), None
        self.folder.mkdir(parents=True)
        self.data = self.folder / "data"
        self._as = []
        if os.geteuid() == 0:
            self._as = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", self.data, "-U", "signet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    def _run(self, program, *words):
        line = [*self._as, str(postgres_bin() / program), *map(str, words)]
        return subprocess.run(line, check=True, capture_output=True, text=True, cwd=self.folder).stdout

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self._as, str(postgres_bin() / "postgres"), "-D", str(self.data), "-p", str(self.port), "-k", str(self.folder),
                 "-h", "127.0.0.1", "-c", "max_connections=200"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=self.folder)
        give_up = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > give_up:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)
        return self

    def _answers(self):
        try:
            return self.sql("SELECT 1", "postgres").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    def sql(self, text, database="signet", role="signet"):
        return self._run("psql", "-XqAt", "-h", "127.0.0.1", "-p", self.port, "-U", role, "-d", database, "-c", text)

    def refuses(self, text, role):
        """What it says to a role that may not; nothing, if the role may."""
        try:
            self.sql(text, role=role)
            return ""
        except subprocess.CalledProcessError as error:
            return error.stderr

    def create(self):
        """The database of the nodes."""
        self.sql("CREATE DATABASE signet", "postgres")

    def address(self, role="signet"):
        return f"postgresql://{role}@127.0.0.1:{self.port}/signet?sslmode=disable"

    def kill(self):
        """SIGKILL of the server; its other processes end by themselves."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()


class OwnedPostgres(Postgres):
    """One whose database is made, and given to its nodes, as docs/operations/postgresql.md tells operators: by roles that may do
    no more than is written there."""

    schema = "check"

    def create(self):
        told = [block.split("```")[0] for block in (ROOT / "docs/operations/postgresql.md").read_text().split("```sql\n")[1:]]
        roles, schema, *grants = told
        for statement in filter(str.strip, roles.split(";")):
            self.sql(statement, "postgres")
        self.sql(schema)
        owner = Server(self.folder.parent / "owner", f'[storage]\nurl = "{self.address("signet_owner")}"\n')
        owner.command("database", "migrate", "--config", owner.config)
        for block in grants:
            self._run("psql", "-XqAt", "-h", "127.0.0.1", "-p", self.port, "-U", "signet_owner", "-d", "signet", "-v",
                      "ON_ERROR_STOP=1", "-c", block)

    def address(self, role="signet_node"):
        return super().address(role)


class Node(Server):
    """One of several `signet serve`; `base` is the name that all share, `at` where this one listens."""

    def __init__(self, name, folder, config, shared):
        super().__init__(folder, config)
        self.name, self.base, self.ca = name, shared.base or self.base, shared.ca
        self._clock = None

    @property
    def at(self):
        return self.address, self.port

    def launch(self, command, **outputs):
        return super().launch([*set_off_by(self._clock), *command] if self._clock else command, **outputs)

    def set_clock(self, seconds):
        """Sets the node's wall clock off by so much: from its next start on, and if it began with one set, within a second."""
        self._clock = self.folder / "clock"
        self._clock.write_text(f"{seconds:+d}\n")

    def signal(self, number):
        self.process.send_signal(number)


class Nodes:
    """The database, and nodes that share it, the master key and the certificate of the public name."""

    base = None

    def __init__(self, folder, count=3, server=Postgres):
        self.folder = pathlib.Path(folder)
        certificates.authority(self.folder)
        self.ca = self.folder / "peer-ca.pem"
        self.postgres = server(self.folder / "postgres").start()
        self.postgres.create()
        config = CONFIG.format(url=self.postgres.address(), folder=self.folder, schema=self.postgres.schema)
        self.nodes = []
        for number in range(count):
            node = Node(f"n{number + 1}", self.folder / f"n{number + 1}", config, self)
            self.base = node.base
            self.nodes.append(node)

    def start(self):
        first, *others = self.nodes
        first.start()
        for node in others:
            node.data.mkdir(mode=0o700, exist_ok=True)
            for name in SHARED:
                if (first.data / name).exists():
                    shutil.copy(first.data / name, node.data / name)
            node.start()
        return self

    def kill(self):
        for node in self.nodes:
            node.kill()
        self.postgres.stop()
