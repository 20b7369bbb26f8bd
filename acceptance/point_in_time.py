#!/usr/bin/env python3
"""Back to a moment: a PostgreSQL cluster with its log archived, restored to a point in the middle of what nodes wrote.

What must hold (docs/operations/postgresql.md, "Backup and restore"): what was acknowledged before the moment is there,
nothing from after it; no token from before the restore is good for anything, nor any delta link; no token is issued until
the operator has confirmed, on any node; the record verifies up to the moment and goes on. A node that was left running
over the old database notices that the new one holds less than it has seen, and answers nothing from its memory.
"""
import argparse
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from checks import check, done, expect, skip
from directory import Directory, TokenClient
from fixture import RESOURCE
from https_client import Client
from loopback_nodes import Nodes, Postgres, postgres_bin
from server import binary

SCOPE = f"{RESOURCE}/.default"
MOMENT = "before_the_mistake"


class Archiving(Postgres):
    """A server whose log is archived, as docs/operations/postgresql.md sets it up."""

    def __init__(self, folder):
        super().__init__(folder)
        self.archive, self.backup = self.folder / "archive", self.folder / "backup"
        self._as_its_user("mkdir", self.archive)
        self.configure(f"archive_mode = on\narchive_command = 'test ! -f {self.archive}/%f && cp %p {self.archive}/%f'\n")

    def _as_its_user(self, *words):
        subprocess.run([*self._as, *map(str, words)], check=True, cwd=self.folder)

    def configure(self, text):
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(text)

    def take_base_backup(self):
        self._run("pg_basebackup", "-h", "127.0.0.1", "-p", self.port, "-U", "signet", "-D", self.backup, "-c", "fast")

    def archive_all(self):
        """Waits until everything written so far lies in the archive."""
        last = self.sql("SELECT pg_walfile_name(pg_switch_wal())", "postgres").strip()
        give_up = time.monotonic() + 60
        while not (self.archive / last).exists():
            if time.monotonic() > give_up:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def restore_to(self, target):
        """The base backup in a new data directory, and the archived log up to the target; takes over the address."""
        self.stop()
        self.data = self.folder / "restored"
        self._as_its_user("cp", "-a", self.backup, self.data)
        self._as_its_user("touch", self.data / "recovery.signal")
        self.configure(f"restore_command = 'cp {self.archive}/%f %p'\n{target}\nrecovery_target_action = 'promote'\n")
        self.start()
        give_up = time.monotonic() + 60
        while self.sql("SELECT pg_is_in_recovery()", "postgres").strip() != "f":
            if time.monotonic() > give_up:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)


class Scene:
    """A tenant, seen through either node: each has connections and an administrator of its own."""

    def __init__(self, cluster):
        self.cluster, self.tenant = cluster, cluster.nodes[0].create_tenant("Contoso")
        self.come_in()
        directory = self.directories[0]
        self.sponsor = directory.user()
        self.blueprint, _ = directory.blueprint(self.sponsor)
        self.secret = directory.password(self.blueprint)
        self.agent, self.off = (directory.agent(self.blueprint, self.sponsor, name) for name in ("kept", "switched-off"))
        self.resource, self.principal = directory.resource(RESOURCE, "Orders.Read")
        self.resource_secret = directory.password(self.resource)
        for agent in (self.agent, self.off):
            directory.assign(agent, self.resource, self.principal)

    def come_in(self):
        """New connections and tokens."""
        self.clients = [Client(node.base, node.ca, 20, node.at) for node in self.cluster.nodes]
        self.directories = [Directory(node.base, node.ca, self.tenant) for node in self.cluster.nodes]
        for directory, client in zip(self.directories, self.clients):
            directory.client = client

    def steps(self, at, agent, secret=None):
        """The answers of the two steps, or of the one that was refused."""
        node = self.cluster.nodes[at]
        client = TokenClient(self.directories[at], node.ca, self.blueprint["appId"], secret or self.secret)
        client.client = self.clients[at]
        first = client.first_step(agent["id"])
        return client.second_step(agent["id"], first.json()["access_token"], SCOPE) if first.status == 200 else first

    def token(self, at, agent):
        give_up = time.monotonic() + 10
        while (answer := self.steps(at, agent)).status != 200:  # another node may not have seen the latest yet
            if time.monotonic() > give_up:
                raise RuntimeError(f"no token at node {at + 1}: {answer}")
            time.sleep(0.05)
        return answer.json()["access_token"]

    def active(self, at, token):
        answer = self.clients[at].form(f"{self.directories[at].token_path.removesuffix('token')}introspect", {
            "client_id": self.resource["appId"], "client_secret": self.resource_secret, "token": token})
        if answer.status != 200:
            raise RuntimeError(f"introspection at node {at + 1}: {answer}")
        return answer.json()["active"]

    def agents(self, at):
        listed = self.directories[at].pages("/servicePrincipals/microsoft.graph.agentIdentity?$select=displayName,accountEnabled")
        return sorted((agent["displayName"], agent["accountEnabled"]) for agent in listed)

    def sign_ins(self, at):
        return {record["id"] for record in self.directories[at].pages("/auditLogs/signIns?$top=100")}

    def audits(self, at):
        return {record["id"] for record in self.directories[at].pages("/auditLogs/directoryAudits?$top=100")}

    def delta_link(self, at):
        path = "/servicePrincipals/delta"
        while True:
            page = self.directories[at].call("GET", path)
            if "@odata.deltaLink" in page:
                return page["@odata.deltaLink"].removeprefix(self.cluster.nodes[at].base)
            path = page["@odata.nextLink"].removeprefix(self.cluster.nodes[at].base + "/v1.0")


def readiness(node):
    """Status and text of `/readyz`; 0 if nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{node.address}:{node.management_port}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def until(question, wait=30):
    """Whether it comes about."""
    give_up = time.monotonic() + wait
    while not question():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def start_unready(node):
    """A start that ends with a node that answers and says that it is not ready."""
    node.ready = lambda: "--confirm" in readiness(node)[1]
    try:
        node.start()
    finally:
        del node.ready


def command(node, *words):
    """A command with the node's configuration; exit code and words."""
    line = [binary(), *words, "--data-dir", str(node.data), "--config", str(node.config)]
    run = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    return run.returncode, run.stdout + run.stderr


class Before:
    """What stands at the moment, and what is done after it."""

    def __init__(self, scene):
        directory = scene.directories[0]
        directory.agent(scene.blueprint, scene.sponsor, "late")
        directory.enable(scene.off, False)
        self.tokens = [scene.token(at, scene.agent) for at in (0, 1)]
        self.delta = scene.delta_link(0)
        self.agents = scene.agents(0)
        # Audit entries reach the record a moment after their change.
        settled = lambda: len(scene.audits(1)) == len(scene.audits(0)) >= 8
        check("the audit entries from before are in the record", until(settled))
        self.audits, self.sign_ins = scene.audits(0), scene.sign_ins(0)


def after_the_moment(scene, before):
    """Writes, tokens and a disable that the restore takes back; answers what must be good for nothing, or not be there."""
    directory = scene.directories[1]
    lost = directory.agent(scene.blueprint, scene.sponsor, "lost")
    directory.assign(lost, scene.resource, scene.principal)
    secret = directory.password(scene.blueprint)
    tokens = [scene.token(at, agent) for at in (0, 1) for agent in (scene.agent, lost)]
    check("tokens from after the moment are active", all(scene.active(1, token) for token in tokens))
    late = scene.sign_ins(1) - before.sign_ins
    check("and are recorded", len(late) >= 2 * len(tokens), len(late))
    directory.enable(scene.agent, False)
    return lost, secret, tokens, late


def nothing_is_issued(scene, name):
    for at, node in enumerate(scene.cluster.nodes):
        scene.clients[at].close()  # a connection on which a form was refused unread is at its end
        answer = scene.steps(at, scene.agent)
        told = until(lambda: "--confirm" in readiness(node)[1])
        check(f"{name}: {node.name} issues nothing and says why", answer.status == 503 and told, (answer, readiness(node)))


def as_it_was(scene, before, lost, late_secret, tokens, late):
    """What both nodes say, after the confirmation."""
    for at, node in enumerate(scene.cluster.nodes):
        check(f"{node.name}: the agents are those of the moment", scene.agents(at) == before.agents, scene.agents(at))
        check(f"{node.name}: every sign-in from before is recorded", before.sign_ins <= scene.sign_ins(at))
        check(f"{node.name}: no sign-in from after is", not late & scene.sign_ins(at))
        check(f"{node.name}: every audit entry from before is recorded", before.audits <= scene.audits(at))
        check(f"{node.name}: no token from before the restore is active",
              not any(scene.active(at, token) for token in before.tokens + tokens))
        refused = [scene.steps(at, lost).status, scene.steps(at, scene.agent, late_secret).status, scene.steps(at, scene.off).status]
        check(f"{node.name}: a lost agent, a lost secret and a disabled agent get nothing", refused == [400, 401, 400], refused)
        delta = scene.clients[at].json("GET", before.delta, bearer=scene.directories[at].bearer())
        check(f"{node.name}: a delta link from before begins anew", delta.status == 410, delta)


def life_goes_on(scene):
    tokens = [scene.token(at, scene.agent) for at in (0, 1)]
    check("new tokens are active on both nodes", all(scene.active(at, token) for at in (0, 1) for token in tokens))
    scene.directories[0].enable(scene.agent, False)
    check("the kill switch works", until(lambda: not any(scene.active(at, token) for at in (0, 1) for token in tokens), 5))
    expect("the record verifies, old and new", lambda: scene.cluster.nodes[0].command("logs", "verify"))
    code, said = command(scene.cluster.nodes[1], "doctor", "--deep")
    check("nothing in the restored database contradicts itself", code == 0, said)


def by_named_point(postgres):
    postgres.sql(f"SELECT pg_create_restore_point('{MOMENT}')", "postgres")
    return f"recovery_target_name = '{MOMENT}'"


def by_time(postgres):
    now = postgres.sql("SELECT clock_timestamp()", "postgres").strip()
    time.sleep(1)
    return f"recovery_target_time = '{now}'"


def restored(cluster, scene, target_of):
    postgres, (first, second) = cluster.postgres, cluster.nodes
    postgres.take_base_backup()
    before = Before(scene)
    target = target_of(postgres)
    after = after_the_moment(scene, before)
    postgres.archive_all()
    first.stop()
    postgres.restore_to(target)
    # The second node was forgotten: it still holds what was written after the moment.
    check("a node left running over the database says that it is not ready",
          until(lambda: readiness(second)[0] == 503 and "new-epoch" in second.last_words()), (readiness(second), second.last_words()[-800:]))
    check("and answers nothing from its memory", scene.clients[1].json("GET", "/v1.0/users", bearer="x").status == 503)
    code, said = command(first, "database", "new-epoch")
    check("`signet database new-epoch` says what comes next", code == 0 and "--confirm" in said, said)
    start_unready(first)
    nothing_is_issued(scene, "before the confirmation")
    expect("the record verifies up to the moment", lambda: first.command("logs", "verify"))
    first.kill()
    start_unready(first)
    nothing_is_issued(scene, "after a restart, too")
    code, said = command(first, "restore", "--confirm")
    check("`signet restore --confirm` on one node", code == 0 and "Confirmed" in said, said)
    check("lets every node issue", until(lambda: all(node.ready() for node in cluster.nodes)), [readiness(node) for node in cluster.nodes])
    scene.come_in()
    as_it_was(scene, before, *after)
    life_goes_on(scene)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--by", choices=["name", "time"], default="name", help="how the moment is named to PostgreSQL")
    options.add_argument("--keep", action="store_true", help="leave data and logs behind and say where")
    chosen = options.parse_args()
    if not postgres_bin():
        skip("point-in-time restore", "no PostgreSQL server is installed (apt-get install postgresql)")
        return done()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-moment-"))
    folder.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder, 2, Archiving)
    try:
        cluster.start()
        restored(cluster, Scene(cluster), {"name": by_named_point, "time": by_time}[chosen.by])
    finally:
        cluster.kill()
        if chosen.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return done()


if __name__ == "__main__":
    main()
