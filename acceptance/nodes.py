#!/usr/bin/env python3
"""Three nodes over one PostgreSQL on this machine, in a role that may do no more than is documented: how fast the kill switch is
on all of them, then faults under load.

Behaviour (invariant 1, across nodes): no node issues a token to a request that began after a disable was acknowledged by
any of them, whichever of them is stopped or killed, or the database under them; nothing is revived. Then, without faults:
`--kills` times a token is got from one node and the agent disabled at another; printed is how long the acknowledgement took,
and how long it was until introspection at every node said inactive. Then what nodes share besides: an assertion for single use
is taken once, on whichever node, and a signing key is published by all of them before one signs with it. Repeat a run with the
seed it prints.
"""
import argparse
import pathlib
import random
import shutil
import signal
import tempfile
import time

from checks import check, done, skip
from directory import Directory, TokenClient
from faults import checker
from faults.history import Fault, History, now
from faults.load import RESOURCE, SCOPE, Load, Scene
from https_client import Client
from key_publication import key_publication
from loopback_nodes import Nodes, OwnedPostgres, postgres_bin
from single_use import single_use
from master_rotation import rotated

AGENTS = 4
# After this long a node's view may no longer say that a token lives (docs/operations/postgresql.md).
BOUND = 2.0


def seed(cluster, tenant):
    """One blueprint with its agents, one resource; all through the public API of the first node."""
    directories = {}
    for node in cluster.nodes:
        directories[node.name] = Directory(node.base, node.ca, tenant)
        directories[node.name].client = Client(node.base, node.ca, 20, node.at)
    directory = directories[cluster.nodes[0].name]
    sponsor = directory.user()
    blueprint, principal = directory.blueprint(sponsor)
    secret = directory.password(blueprint)
    agents = [directory.agent(blueprint, sponsor, f"order-bot-{number}") for number in range(AGENTS)]
    resource, resource_principal = directory.resource(RESOURCE, "Orders.Read")
    for agent in agents:
        directory.assign(agent, resource, resource_principal)
    return Scene(cluster.nodes, directories, blueprint, secret, principal, agents, resource, directory.password(resource))


def paused(cluster, dice):
    """A node that stands still, for longer than its view may be old, and goes on with what it had in hand."""
    node = dice.choice(cluster.nodes)
    node.signal(signal.SIGSTOP)
    time.sleep(dice.uniform(0.5, 4))
    node.signal(signal.SIGCONT)


def killed(cluster, dice):
    """A node that dies and is started again."""
    node = dice.choice(cluster.nodes)
    node.kill()
    time.sleep(dice.uniform(0, 1))
    node.start()


def database_killed(cluster, dice):
    """The database dies under all of them."""
    cluster.postgres.kill()
    time.sleep(dice.uniform(0, 2))
    cluster.postgres.start()


def ready(node, wait=60):
    give_up = time.monotonic() + wait
    while not node.ready():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def under_faults(cluster, scene, chosen, dice):
    history = History()
    kinds = [paused, killed, database_killed]
    with Load(scene, history, chosen.seed):
        time.sleep(1)
        for number in range(chosen.faults):
            fault = kinds[number % len(kinds)] if number < len(kinds) else dice.choice(kinds)
            begun = now()
            fault(cluster, dice)
            history.note(Fault(fault.__name__, begun, now()))
            time.sleep(dice.uniform(0.2, 2))
        recovered = [ready(node) for node in cluster.nodes]
        healed = now()
        time.sleep(2)
    check(f"every node is ready again after {chosen.faults} faults", all(recovered), recovered)
    wrong = checker.issued_while_off(history)
    check(f"{len(history.issued)} tokens, {len(history.switched)} switches: none issued after an acknowledged disable",
          not wrong, wrong[:3])
    wrong = checker.active_after_off(history, BOUND)
    check(f"{len(history.introspected)} introspections: nothing is active {BOUND} s after its disable, nor revived",
          not wrong, wrong[:3])
    wrong = checker.lost_writes(history)
    check(f"{len(history.wrote)} writes, {len(history.read)} reads: each node reads its own writes", not wrong, wrong[:3])
    issuing = {event.node for event in history.issued if event.begun > healed}
    check("every node issues tokens again", issuing == {node.name for node in cluster.nodes}, issuing)
    check("the load was real", len(history.issued) > 10 * chosen.faults and len(history.switched) > chosen.faults)


class Kills:
    """The switch, thrown again and again, and what the nodes say of a token from before."""

    def __init__(self, scene, dice):
        self._scene, self._dice = scene, dice
        self._clients = {node.name: Client(node.base, node.ca, 20, node.at) for node in scene.nodes}
        self.acknowledged, self.dead, self.alive = [], [], 0

    def _names(self):
        return self._dice.choice(self._scene.nodes).name

    def _token(self, agent):
        name = self._names()
        steps = TokenClient(self._scene.directories[name], self._scene.nodes[0].ca, self._scene.blueprint["appId"],
                            self._scene.secret)
        steps.client = self._clients[name]
        first = steps.first_step(agent["id"])
        second = steps.second_step(agent["id"], first.json()["access_token"], SCOPE) if first.status == 200 else first
        return second.json()["access_token"] if second.status == 200 else None

    def _active(self, name, token):
        path = f"{self._scene.directories[name].token_path.removesuffix('token')}introspect"
        answer = self._clients[name].form(path, {
            "client_id": self._scene.resource["appId"], "client_secret": self._scene.resource_secret, "token": token})
        if answer.status != 200:
            raise RuntimeError(f"introspection at {name}: {answer}")
        return answer.json()["active"]

    def _switch(self, agent, on):
        name = self._names()
        answer = self._clients[name].json("PATCH", f"/v1.0/servicePrincipals/{agent['id']}", {"accountEnabled": on},
                                          self._scene.directories[name].bearer())
        if answer.status not in (200, 204):
            raise RuntimeError(f"the switch at {name}: {answer}")

    def one(self):
        agent, token = self._dice.choice(self._scene.agents), None
        give_up = time.monotonic() + 10
        while token is None:  # another node may not have seen yet that the agent is on again
            if time.monotonic() > give_up:
                raise RuntimeError("no token for an agent that was switched on")
            token = self._token(agent)
        self.alive += self._active(self._names(), token)
        begun = time.monotonic()
        self._switch(agent, False)
        self.acknowledged.append(time.monotonic() - begun)
        for node in self._scene.nodes:
            while self._active(node.name, token):
                if time.monotonic() - begun > 10:
                    raise RuntimeError(f"{node.name} says active 10 s after the disable")
        self.dead.append(time.monotonic() - begun)
        self._switch(agent, True)


def percentiles(seconds):
    """p50, p99 and the longest, in milliseconds."""
    ordered = sorted(seconds)
    at = lambda part: ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000
    return f"p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, max {ordered[-1] * 1000:.1f} ms"


def kill_latency(scene, count, dice):
    kills = Kills(scene, dice)
    for _ in range(count):
        kills.one()
    print(f"{count} kills over {len(scene.nodes)} nodes, from the request on:")
    print(f"  to the acknowledgement         {percentiles(kills.acknowledged)}")
    print(f"  inactive at every node         {percentiles(kills.dead)}", flush=True)
    check(f"{count} kills: every token was active before and inactive at every node within {BOUND} s",
          max(kills.dead) < BOUND and kills.alive > 0, (max(kills.dead), kills.alive))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--faults", type=int, default=4)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--keep", action="store_true", help="leave data and logs behind and say where")
    chosen = options.parse_args()
    if not postgres_bin():
        skip("several nodes over PostgreSQL", "no PostgreSQL server is installed (apt-get install postgresql)")
        return done()
    print(f"seed {chosen.seed}", flush=True)
    folder, dice = pathlib.Path(tempfile.mkdtemp(prefix="signet-nodes-")), random.Random(chosen.seed)
    folder.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder, server=OwnedPostgres)
    try:
        cluster.start()
        scene = seed(cluster, cluster.nodes[0].create_tenant("Contoso"))
        kill_latency(scene, chosen.kills, dice)
        rotated(cluster, scene, SCOPE)
        single_use(scene, folder, dice, BOUND)
        if chosen.faults:
            under_faults(cluster, scene, chosen, dice)
        key_publication(cluster, scene)
    finally:
        cluster.kill()
        if chosen.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return done()


if __name__ == "__main__":
    main()
