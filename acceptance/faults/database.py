"""PostgreSQL under Patroni with etcd, each on a host of its own: Debian's packages, real processes, real failover."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

PACKAGES = "patroni etcd-server postgresql"
USER = "postgres"
PASSWORD = "faults"  # of a cluster that lives for one run on addresses of this machine
PATRONI_PORT, POSTGRES_PORT, ETCD_PORT = 8008, 5432, 2379


def missing_packages():
    """Whether something of it is not installed."""
    servers = list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return not servers or not all(shutil.which(tool) for tool in ("patroni", "etcd", "ip", "setpriv"))


def postgres_bin():
    """The folder of the newest PostgreSQL server that is installed."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent


class Etcd:
    """What Patroni agrees in."""

    def __init__(self, host, folder):
        self.host, self._folder = host, folder
        self.url = f"http://{host.address}:{ETCD_PORT}"
        log = (folder / "etcd.log").open("ab")
        peers = f"http://{host.address}:2380"
        host.start(["etcd", "--name", "one", "--data-dir", folder / "etcd", "--unsafe-no-fsync", "--enable-v2=true",
                    "--listen-client-urls", self.url, "--advertise-client-urls", self.url, "--listen-peer-urls", peers,
                    "--initial-advertise-peer-urls", peers, "--initial-cluster", f"one={peers}"],
                   stdout=log, stderr=log)


class Member:
    """One PostgreSQL server and the Patroni that looks after it."""

    def __init__(self, host, folder, etcd):
        self.host, self.folder = host, folder / host.name
        self.folder.mkdir()
        self.data = self.folder / "data"
        self._config = self.folder / "patroni.yml"
        self._config.write_text(json.dumps(self._settings(etcd), indent=1))  # JSON is YAML
        shutil.chown(self.folder, USER, USER)
        self.log = self.folder / "patroni.log"
        self.patroni = None

    def _settings(self, etcd):
        return {
            "scope": "signet", "name": self.host.name,
            "restapi": {"listen": f"{self.host.address}:{PATRONI_PORT}",
                        "connect_address": f"{self.host.address}:{PATRONI_PORT}"},
            "etcd3": {"hosts": f"{etcd.host.address}:{ETCD_PORT}"},
            "bootstrap": {
                # An acknowledged commit is on both servers, and only a server that has it becomes leader.
                "dcs": {"ttl": 10, "loop_wait": 1, "retry_timeout": 3, "maximum_lag_on_failover": 0,
                        "master_start_timeout": 0, "synchronous_mode": True,
                        "postgresql": {"use_pg_rewind": True, "parameters": {
                            "max_connections": 200, "wal_log_hints": "on", "wal_keep_size": "512MB"}}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
                "pg_hba": [f"host all all {self.host.address.rsplit('.', 1)[0]}.0/24 scram-sha-256",
                           f"host replication all {self.host.address.rsplit('.', 1)[0]}.0/24 scram-sha-256",
                           "local all all trust"]},
            "postgresql": {
                "listen": f"{self.host.address}:{POSTGRES_PORT}", "connect_address": f"{self.host.address}:{POSTGRES_PORT}",
                "data_dir": str(self.data), "bin_dir": str(postgres_bin()), "pgpass": str(self.folder / "pgpass"),
                "parameters": {"unix_socket_directories": str(self.folder)},
                "authentication": {"superuser": {"username": "postgres", "password": PASSWORD},
                                   "replication": {"username": "replicator", "password": PASSWORD},
                                   "rewind": {"username": "rewind", "password": PASSWORD}}},
        }

    def start(self):
        if self.patroni is None or self.patroni.poll() is not None:
            log = self.log.open("ab")
            self.patroni = self.host.start(["patroni", self._config], user=USER, stdout=log, stderr=log)

    def processes(self):
        """Every process of this host: Patroni, the server, its backends."""
        listed = subprocess.run(["ip", "netns", "pids", self.host.namespace], capture_output=True, text=True).stdout
        return [int(process) for process in listed.split()]

    def server_processes(self):
        """The server and its backends, without Patroni."""
        return [process for process in self.processes() if _name(process) == "postgres"]

    def postmaster(self):
        """The server's first process, or None."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def kill_server(self):
        """SIGKILL of the server as a crash would; Patroni goes on."""
        _signal(self.server_processes(), signal.SIGKILL)

    def kill(self):
        """The whole host's database side dies."""
        _signal(self.processes(), signal.SIGKILL)
        if self.patroni:
            self.patroni.wait()

    def pause(self):
        _signal(self.processes(), signal.SIGSTOP)

    def go_on(self):
        _signal(self.processes(), signal.SIGCONT)

    def role(self):
        """What Patroni says of this member: `master`, `replica`, or None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.host.address}:{PATRONI_PORT}/patroni", timeout=2) as answer:
                status = json.load(answer)
        except (OSError, ValueError, urllib.error.URLError):
            return None
        return status["role"] if status["state"] == "running" else None


def _name(process):
    try:
        return pathlib.Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return ""


def _signal(processes, which):
    for process in processes:
        try:
            os.kill(process, which)
        except ProcessLookupError:
            pass


class Database:
    """The whole: one etcd, two members, of which one leads and the other has every acknowledged commit."""

    def __init__(self, network, folder):
        self.folder = pathlib.Path(folder)
        os.chmod(self.folder, 0o711)
        self.etcd = Etcd(network.host("etcd", 20), self.folder)
        self.members = [Member(network.host(f"db{number}", 20 + number), self.folder, self.etcd) for number in (1, 2)]

    def start(self):
        for member in self.members:
            member.start()
            self.leader(60)
        self.settle()
        return self

    def leader(self, wait=60):
        """The member that takes writes now; waits for one."""
        return self._wait(wait, lambda: next((each for each in self.members if each.role() in ("master", "primary")), None),
                          "no leader")

    def follower(self):
        leader = self.leader()
        return next(member for member in self.members if member is not leader)

    def settle(self, wait=90):
        """Waits until both run and the follower is synchronous, so that a failover is possible again."""
        self._wait(wait, self._whole, "the follower did not come back")

    def _whole(self):
        """Patroni's own opinion: it would let the follower lead."""
        leader = next((member for member in self.members if member.role() in ("master", "primary")), None)
        if leader is None:
            return False
        try:
            with urllib.request.urlopen(f"http://{leader.host.address}:{PATRONI_PORT}/cluster", timeout=2) as answer:
                members = json.load(answer)["members"]
        except (OSError, ValueError, urllib.error.URLError):
            return False
        return sorted(member["role"] for member in members) == ["leader", "sync_standby"]

    def _wait(self, wait, question, complaint):
        give_up = time.monotonic() + wait
        while True:
            answer = question()
            if answer:
                return answer
            if time.monotonic() > give_up:
                raise RuntimeError(complaint + "".join(f"\n{member.log.read_text()[-1500:]}" for member in self.members))
            time.sleep(0.2)

    def sql(self, text, database="postgres"):
        """One statement on the leader, as the superuser."""
        run = subprocess.run([str(postgres_bin() / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text],
                             capture_output=True, text=True, timeout=20, env=os.environ | {
                                 "PGHOST": ",".join(member.host.address for member in self.members),
                                 "PGUSER": "postgres", "PGPASSWORD": PASSWORD, "PGTARGETSESSIONATTRS": "read-write",
                                 "PGCONNECT_TIMEOUT": "2"})
        return run.stdout if run.returncode == 0 else ""

    def switch_over(self):
        """The follower is asked to lead, as an operator would ask."""
        body = json.dumps({"leader": self.leader().host.name, "candidate": self.follower().host.name}).encode()
        asked = urllib.request.Request(f"http://{self.leader().host.address}:{PATRONI_PORT}/switchover", body, method="POST")
        try:
            urllib.request.urlopen(asked, timeout=30).read()
        except urllib.error.HTTPError as refusal:
            raise RuntimeError(f"switchover: {refusal.read().decode()}") from None

    def address(self, user="postgres", database="signet"):
        """What a node is configured with: both members, whichever leads."""
        hosts = ",".join(f"{member.host.address}:{POSTGRES_PORT}" for member in self.members)
        return f"postgresql://{user}@{hosts}/{database}?sslmode=disable"
