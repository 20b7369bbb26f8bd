#!/usr/bin/env python3
"""Three nodes over one PostgreSQL under steady load, restarted one by one, and upgraded one by one: no request fails.

The load asks for tokens, introspects, reads and writes the directory over TLS connections that are kept. A client that
opens a connection and is refused goes to the next node; nothing else is tried again. Not a failed request is

- an answer that says `Connection: close`: the next request gets another connection;
- a kept connection that the server has ended, in the TLS sense or the TCP one, when nothing is outstanding on it. The
  client looks before it sends, which is all that RFC 9112 9.3.1 lets it do.

Everything else is: a connection that is reset or times out, even before anything was asked; a request that was sent
and got no whole answer; another status than the one that is due; an introspection that says `inactive`; and that every
node refuses. Some clients pause for longer than a server that stops waits for silence (2 s), so that both ends occur.

The nodes are stopped with SIGTERM; the second keeps serving newcomers for a second more. With SIGNET_PREVIOUS_BIN, a binary
whose newest schema is older, three of its nodes are upgraded as docs/operations/postgresql.md says. `--seed` repeats a
run's choices.
"""
import argparse
import collections
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid

from background import Background
from checks import check, done, skip
from directory import TokenClient
from faults import checker
from faults.history import History, Issued, Wrote, now
from faults.load import SCOPE
from https_client import Answer, Client, claims
from loopback_nodes import Nodes, postgres_bin
from many_nodes_faults import counted_records, names_written
from nodes import percentiles, ready, seed
from server import binary

# A connection is used for so many requests, then its client ends it and begins at its first node again.
TURNS = 40
LAME_DUCK = "\n[limits]\nlame_duck_seconds = 1\n"


class Failed(Exception):
    """A request that a client would have to tell its caller of."""


class Seen:
    """What became of every request, from all threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self.begun = now()
        self.asked, self.events, self.at = collections.Counter(), collections.Counter(), collections.defaultdict(list)
        self.seconds, self.connecting, self.failures = [], [], []

    def answered(self, kind, node, seconds):
        with self._lock:
            self.asked[kind] += 1
            self.at[node].append(now())
            self.seconds.append(seconds)

    def count(self, event):
        with self._lock:
            self.events[event] += 1

    def failed(self, kind, error):
        with self._lock:
            self.failures.append(f"{now() - self.begun:.3f} s: {kind}: {error}")


class Traveller(Client):
    """One client of all nodes, on one kept connection at a time."""

    def __init__(self, nodes, first, seen):
        super().__init__(nodes[0].base, nodes[0].ca, 20)
        self._nodes, self._first, self._seen = nodes, first, seen
        self._node, self._kept, self._turns = first, None, 0

    @property
    def node(self):
        """Who answered last."""
        return self._nodes[self._node].name

    def request(self, method, path, body=None, headers=None):
        if self._turns == TURNS:
            self.close()
            self._node, self._turns = self._first, 0
        try:
            connection = self._connection()
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Failed(f"{self.node}: {type(error).__name__}: {error}") from error
        self._turns += 1
        if connection.sock is None:
            self._seen.count("answers that closed their connection")
            self._kept = None
        return answer

    def _connection(self):
        if self._kept and self._has_ended():
            self._seen.count("connections that ended while nothing was asked")
            self.close()
        if not self._kept:
            self._kept = http.client.HTTPSConnection(*self._address, timeout=self._timeout, context=self._tls)
            self._kept.auto_open = 0
            self._kept.sock = self._tls.wrap_socket(self._connect(), server_hostname=self._address[0])
        return self._kept

    def _has_ended(self):
        """Whether the server ended the connection; a reset raises."""
        stream = self._kept.sock
        stream.settimeout(0)
        try:
            if stream.recv(1):
                raise OSError("the server sent what nobody had asked for")
            return True
        except (ssl.SSLWantReadError, BlockingIOError):
            stream.settimeout(self._timeout)
            return False

    def _connect(self):
        for _ in self._nodes:
            try:
                begun = now()
                stream = socket.create_connection(self._nodes[self._node].at, self._timeout)
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return stream
            except ConnectionRefusedError:
                self._seen.count("refused connections")
                self._node = (self._node + 1) % len(self._nodes)
            finally:
                self._seen.connecting.append(now() - begun)
        raise OSError("every node refuses")

    def close(self):
        if self._kept:
            self._kept.close()
            self._kept = None


class Load(Background):
    """Five sorts of clients, each sort begins at each node."""

    def __init__(self, scene, seen, history, dice):
        self._scene, self._seen, self._history = scene, seen, history
        self._bearer = scene.directories[scene.nodes[0].name].bearer()
        self._seed, self._tokens = dice.random(), []
        works = []
        for first in range(len(scene.nodes)):
            works += [(self._issue, first, 0), (self._issue, first, 1), (self._introspect, first), (self._write, first)]
            works += [(self._read, first, 0.01, 0.03), *[(self._read, first, 1.0, most) for most in (5.0, 6.0, 7.0)]]
        super().__init__(works)

    def _client(self, first):
        return Traveller(self._scene.nodes, first, self._seen)

    def _ask(self, kind, client, ask, due=200):
        """The answer, or None if the request failed."""
        begun = now()
        try:
            answer = ask()
        except Failed as failure:
            return self._seen.failed(kind, failure)
        self._seen.answered(kind, client.node, now() - begun)
        if answer.status != due:
            return self._seen.failed(kind, f"{client.node}: {answer}")
        return answer

    def _issue(self, first, number):
        scene, client, dice = self._scene, self._client(first), random.Random(f"{self._seed} {first} {number}")
        steps = TokenClient(scene.directories[scene.nodes[0].name], scene.nodes[0].ca, scene.blueprint["appId"], scene.secret)
        steps.client = client
        while not self.over.wait(dice.uniform(0.005, 0.02)):
            agent = dice.choice(scene.agents)["id"]
            t1 = self._token(agent, client, lambda: steps.first_step(agent))
            token = t1 and self._token(agent, client, lambda: steps.second_step(agent, t1, SCOPE))
            if token:
                self._tokens.append(token)

    def _token(self, agent, client, ask):
        begun = now()
        answer = self._ask("token", client, ask)
        token = answer and answer.json()["access_token"]
        if token:
            self._history.note(Issued(agent, begun, now(), claims(token)["uti"], client.node))
        return token

    def _introspect(self, first):
        scene, client, dice = self._scene, self._client(first), random.Random(f"{self._seed} introspect {first}")
        path = f"{scene.directories[scene.nodes[0].name].token_path.removesuffix('token')}introspect"
        resource = {"client_id": scene.resource["appId"], "client_secret": scene.resource_secret}
        while not self.over.wait(dice.uniform(0.01, 0.03)):
            if not self._tokens:
                continue
            token = dice.choice(self._tokens[-50:])
            answer = self._ask("introspection", client, lambda: client.form(path, resource | {"token": token}))
            if answer and not answer.json()["active"]:
                self._seen.failed("introspection", f"{client.node}: a token that lives is said to be inactive")

    def _read(self, first, least, most):
        scene, client, dice = self._scene, self._client(first), random.Random(f"{self._seed} read {first} {most}")
        while not self.over.wait(dice.uniform(least, most)):
            agent = dice.choice(scene.agents)["id"]
            path = dice.choice([f"/v1.0/servicePrincipals/{agent}", "/v1.0/users?$top=5"])
            self._ask("read", client, lambda: client.json("GET", path, bearer=self._bearer))

    def _write(self, first):
        """One person, whose name counts up."""
        client, dice, value = self._client(first), random.Random(f"{self._seed} write {first}"), 0
        nick = f"writer-{uuid.uuid4().hex[:8]}"
        made = self._ask("write", client, lambda: client.json("POST", "/v1.0/users", {
            "displayName": "w 0", "userPrincipalName": f"{nick}@contoso.test", "mailNickname": nick,
            "accountEnabled": True}, self._bearer), 201)
        while made and not self.over.wait(dice.uniform(0.02, 0.06)):
            value, begun, person = value + 1, now(), made.json()["id"]
            body = {"displayName": f"w {value}"}
            wrote = self._ask("write", client, lambda: client.json("PATCH", f"/v1.0/users/{person}", body, self._bearer), 204)
            self._history.note(Wrote(person, begun, now(), value, client.node, "done" if wrote else "unknown"))


class Restarts:
    """Nodes that are stopped and started again, and how that went."""

    def __init__(self):
        self.done, self.wrong, self.seconds = 0, [], []

    def restart(self, node, program=None):
        """SIGTERM, its end, a start with `program`, and ready again."""
        begun, before = now(), node.process.pid
        node.signal(signal.SIGTERM)
        unready = self._says_503(node)
        try:
            code = node.process.wait(40)
        except subprocess.TimeoutExpired:
            code = "nothing: it did not end"
            node.kill()
        self.seconds.append(now() - begun)
        if code != 0:
            self.wrong.append(f"{node.name} ended with {code}")
        if LAME_DUCK in node.config.read_text() and not unready:
            self.wrong.append(f"{node.name} was not seen to be unready while it still served")
        node.program = program or node.program
        node.start()
        if node.process.pid == before or not ready(node):
            self.wrong.append(f"{node.name} is not ready after its restart")
        self.done += 1

    @staticmethod
    def _says_503(node):
        """Whether `/readyz` said 503 before the process ended."""
        while node.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://{node.address}:{node.management_port}/readyz", timeout=2).close()
            except urllib.error.HTTPError as answer:
                return answer.code == 503
            except OSError:
                pass
            time.sleep(0.005)
        return False

    def check(self, count):
        last = f"{max(self.seconds):.1f} s" if self.seconds else "never"
        check(f"{count} restarts: each ended with 0, unready before it refused, and is ready again; the longest stop took {last}",
              self.done == count and not self.wrong, (self.done, self.wrong[:3]))


class Schema:
    """What the database says of its own versions."""

    TABLES = ("schema_version", "record_schema")

    def __init__(self, postgres):
        self._sql = postgres.sql

    def versions(self):
        return [int(self._sql(f"SELECT version FROM {table}")) for table in self.TABLES]

    def raise_by(self, steps):
        for table in self.TABLES:
            self._sql(f"UPDATE {table} SET version = version + {steps}")


def run(program, node, *words):
    """A command of one version on a node's data directory."""
    line = [program, *words, "--data-dir", str(node.data), "--config", str(node.config)]
    return subprocess.run(line, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120).stdout


def judge(scene, seen, history, begun):
    """Nothing failed, and everything that was answered is there, on every node."""
    for each in scene.directories.values():
        each.client.close()  # whatever it talked to has been restarted since
    kinds = ", ".join(f"{count} {kind}s" for kind, count in sorted(seen.asked.items()))
    check(f"{sum(seen.asked.values())} requests ({kinds}): none failed", not seen.failures,
          f"{len(seen.failures)}: {seen.failures[:5]}")
    for failure in seen.failures[:20]:
        print(f"  {failure}")
    print(f"  {dict(seen.events)}\n  from the request to its answer, connecting included: {percentiles(seen.seconds)}")
    print(f"  until the TCP connection stood or was refused: {percentiles(seen.connecting)}", flush=True)
    check("the load was real: tokens, introspections, reads and writes, at every node; some were refused, some told to leave",
          len(seen.asked) == 4 and min(seen.asked.values()) > 20 and len(seen.at) == len(scene.nodes)
          and len(seen.events) >= 2, (seen.asked, seen.events))
    directory = scene.directories[scene.nodes[0].name]
    recorded = counted_records(directory, "signIns", lambda record: [record.get("uniqueTokenIdentifier")],
                               ("createdDateTime", begun))
    wrong = checker.unrecorded(history, recorded)
    check(f"{len(history.issued)} tokens, each with one sign-in record", not wrong, f"{len(wrong)}: {wrong[:3]}")
    audited = counted_records(directory, "directoryAudits", names_written, ("activityDateTime", begun))
    wrong = checker.audited_wrongly(history, audited)
    check(f"{len(history.wrote)} writes, each audited once", not wrong, f"{len(wrong)}: {wrong[:3]}")
    last = {event.thing: f"w {event.value}" for event in history.wrote}
    for node in scene.nodes:
        found = {thing: scene.directories[node.name].call("GET", f"/users/{thing}")["displayName"] for thing in last}
        check(f"{node.name} has the last write of every writer", found == last, found)
        try:
            answer = node.command("logs", "verify") and True
        except RuntimeError as error:
            answer = error
        check(f"the record's chain verifies, asked at {node.name}", answer is True, answer)
        cut = [line for line in node.log.read_text(errors="replace").splitlines() if "cut connections" in line]
        check(f"{node.name} cut no connection", not cut, cut[:2])


def under_load(cluster, tenant, dice, work):
    """Runs `work` under load, and judges what was seen; answers what it answered."""
    begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))
    scene, seen, history, restarts = seed(cluster, tenant), Seen(), History(), Restarts()
    with Load(scene, seen, history, dice):
        time.sleep(1)
        count = work(cluster, restarts)
        time.sleep(1)
    restarts.check(count)
    judge(scene, seen, history, begun)


def rolling_restart(rounds):
    def work(cluster, restarts):
        for _ in range(rounds):
            for node in cluster.nodes:
                restarts.restart(node)
                time.sleep(0.5)
        schema = Schema(cluster.postgres)
        schema.raise_by(1)
        restarts.restart(cluster.nodes[0])
        schema.raise_by(-1)
        check("a node starts over a schema that is newer and says that this version may use it", cluster.nodes[0].ready())
        return rounds * len(cluster.nodes) + 1
    return work


def rolling_upgrade(previous):
    def work(cluster, restarts):
        schema, first = Schema(cluster.postgres), cluster.nodes[0]
        before = schema.versions()
        run(binary(), first, "database", "migrate")
        after = schema.versions()
        check(f"the schemas rise from {before} to {after} under the older nodes",
              before != after and all(old <= new for old, new in zip(before, after)))
        time.sleep(2)
        check("which go on", all(node.ready() for node in cluster.nodes))
        restarts.restart(first, previous)
        check("and start again over the newer schema", first.ready())
        for node in cluster.nodes:
            restarts.restart(node, binary())
            time.sleep(1)
        return len(cluster.nodes) + 1
    return work


def three_nodes(keep, program, then):
    """A cluster of one version, and what is to be done with it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-rolling-"))
    folder.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder)
    try:
        for node in cluster.nodes:
            node.program = program
        cluster.nodes[1].config.write_text(cluster.nodes[1].config.read_text() + LAME_DUCK)
        cluster.start()
        then(cluster)
    finally:
        cluster.kill()
        if keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=1, help="how often each node is restarted")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--keep", action="store_true", help="leave data and logs behind and say where")
    chosen = options.parse_args()
    if not postgres_bin():
        skip("rolling restart and upgrade", "no PostgreSQL server is installed (apt-get install postgresql)")
        return done()
    print(f"seed {chosen.seed}", flush=True)
    dice, previous = random.Random(chosen.seed), os.environ.get("SIGNET_PREVIOUS_BIN")
    if chosen.rounds:
        print("rolling restart", flush=True)
        three_nodes(chosen.keep, binary(), lambda cluster: under_load(
            cluster, cluster.nodes[0].create_tenant("Contoso"), dice, rolling_restart(chosen.rounds)))
    if not previous:
        skip("rolling upgrade", "SIGNET_PREVIOUS_BIN names no binary of an older schema (make prove builds one)")
        return done()
    print("rolling upgrade", flush=True)
    three_nodes(chosen.keep, previous, lambda cluster: under_load(
        cluster, cluster.nodes[0].create_tenant("Contoso"), dice, rolling_upgrade(previous)))
    return done()


if __name__ == "__main__":
    main()
