#!/usr/bin/env python3
"""Three nodes over PostgreSQL under Patroni with etcd, real processes on hosts of their own, under load and faults.

A checker then reads what the harness saw (faults/checker.py): no token after an acknowledged disable, nothing revived by
enabling, no acknowledged write lost or done twice, every node reads what was written, every token has its record, the
record's chain verifies. `--seed` repeats a run's choices. Needs root and Debian's patroni, etcd-server, faketime, strace.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import urllib.parse

from checks import check, done, skip
from directory import Directory
from faults import checker
from faults.cluster import Cluster
from faults.database import PACKAGES, PASSWORD, Database, missing_packages
from faults.history import Fault, History, now
from faults.hosts import Network
from faults.kinds import Stage, possible
from faults.load import RESOURCE, Load, Scene
from https_client import Client

AGENTS = 6
# After this long a node's view may no longer say that a token lives (`freshness` in the architecture, section 4).
BOUND = 2.0
ROLE = "Orders.Read"
CONFIG = """[storage]
url = "{url}"
password_file = "{password}"

[tls]
certificate = "{certificate}"
key = "{key}"
"""


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
    resource, resource_principal = directory.resource(RESOURCE, ROLE)
    for agent in agents:
        directory.assign(agent, resource, resource_principal)
    return Scene(cluster.nodes, directories, blueprint, secret, principal, agents, resource, directory.password(resource))


def wreak(stage, history, count, kinds):
    """The faults, one after the other; between two of them the world may or may not have settled."""
    names, weights = list(kinds), list(kinds.values())
    for number in range(count):
        fault, = stage.dice.choices(names, weights)
        begun = now()
        print(f"fault {number + 1}/{count}: {fault.__name__}", flush=True)
        fault(stage)
        history.note(Fault(fault.__name__, begun, now()))
        stage.hold(0, 3)
        for node in stage.nodes:  # a node that ended by itself is a violation, found at the end
            if node.process.poll() is not None:
                history.count(history.unreachable, f"{node.name} ended with {node.process.returncode}")
                node.start()
        for member in stage.database.members:
            member.start()
        if number % 5 == 4:
            stage.database.settle()


def all_ready(nodes, wait=60):
    give_up = time.monotonic() + wait
    while time.monotonic() < give_up:
        if all(node.ready() for node in nodes):
            return True
        time.sleep(0.1)
    return False


def counted_records(directory, path, key, moment):
    """How many records there are for each key."""
    query = urllib.parse.urlencode({"$filter": f"{moment[0]} ge {moment[1]}", "$top": "500"})
    counts = collections.Counter()
    for record in directory.pages(f"/auditLogs/{path}?{query}"):
        for found in key(record):
            counts[found] += 1
    return counts


def names_written(record):
    """(thing, value) of every name that an audit record says was set."""
    for target in record.get("targetResources", []):
        for change in target.get("modifiedProperties", []):
            value = (change.get("newValue") or "").strip('"[]')
            if change.get("displayName", "").lower() == "displayname" and value.startswith("w "):
                yield target["id"], int(value[2:])


def explain(history, event):
    """What was done to the agent, and to the world, around a token that should not be."""
    print(f"around {event}:")
    near = [one for one in history.switched if event.agent in one.agents and abs(one.begun - event.begun) < 120]
    near += [one for one in history.faults if one.ended > event.begun - 120 and one.begun < event.ended + 10]
    for one in sorted(near, key=lambda one: one.begun):
        print(f"  {one.begun - event.begun:+9.3f} {one.ended - event.begun:+9.3f} {one}")


def judge(history, scene, start):
    """Every rule over the history, and over what the healed cluster says of it."""
    directory = scene.directories[scene.nodes[1].name]
    for each in scene.directories.values():
        each.client.close()  # whatever it talked to last has been killed since
    wrong = checker.issued_while_off(history)
    check(f"{len(history.issued)} tokens, {len(history.switched)} switches: none issued after an acknowledged disable",
          not wrong, wrong[:3])
    for event in wrong[:5]:
        explain(history, event)
    wrong = checker.active_after_off(history, BOUND)
    check(f"{len(history.introspected)} introspections: nothing is active {BOUND} s after its disable, nor revived",
          not wrong, wrong[:3])
    wrong = checker.lost_writes(history)
    check(f"{len(history.wrote)} writes, {len(history.read)} reads: each node reads its own writes", not wrong, wrong[:3])
    last = collections.defaultdict(int)
    for event in history.wrote:
        if event.answer == "done":
            last[event.thing] = max(last[event.thing], event.value)
    for node in scene.nodes:
        short = {}
        for thing, value in last.items():
            name = scene.directories[node.name].call("GET", f"/users/{thing}?$select=displayName")["displayName"]
            if int(name[2:]) < value:
                short[thing] = (name, value)
        check(f"{node.name} has every acknowledged write", not short, short)
    wanted, give_up, recorded = {event.uti for event in history.issued}, time.monotonic() + 60, {}
    while time.monotonic() < give_up:
        recorded = counted_records(directory, "signIns", lambda record: [record.get("uniqueTokenIdentifier")],
                                   ("createdDateTime", start))
        if wanted <= set(recorded):
            break
        time.sleep(0.5)
    wrong = checker.unrecorded(history, recorded)
    check(f"{len(wanted)} tokens, each with one sign-in record", not wrong, f"{len(wrong)}: {wrong[:3]}")
    audited = counted_records(directory, "directoryAudits", names_written, ("activityDateTime", start))
    wrong = checker.audited_wrongly(history, audited)
    check(f"{len(history.wrote)} writes, none audited twice and none acknowledged without", not wrong,
          f"{len(wrong)}: {wrong[:3]}")


def verified(node):
    try:
        node.command("logs", "verify")
        return True
    except RuntimeError as error:
        return error


def alive(scene, history, since):
    """Each node gives tokens again."""
    nodes = {event.node for event in history.issued if event.begun > since}
    for node in scene.nodes:
        check(f"{node.name} issues tokens after the last fault", node.name in nodes)


def run(chosen, folder, network, kinds):
    database = Database(network, folder).start()
    database.sql("CREATE DATABASE signet")
    cluster = Cluster(network, folder, database.address(), PASSWORD, CONFIG).start()
    try:
        history, dice = History(), random.Random(chosen.seed)
        start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))
        scene = seed(cluster, cluster.nodes[0].create_tenant("Contoso"))
        stage = Stage(cluster.nodes, database, dice, chosen.pace)
        with Load(scene, history, chosen.seed):
            time.sleep(2)
            wreak(stage, history, chosen.faults, kinds)
            database.settle()
            check("every node is ready again after the last fault", all_ready(cluster.nodes))
            healed = now()
            time.sleep(5)
        ended = [name for name in history.unreachable if "ended" in name]
        check("no node ended by itself", not ended, ended)
        alive(scene, history, healed)
        judge(history, scene, start)
        for node in cluster.nodes:
            answer = verified(node)
            check(f"the record's chain verifies, asked at {node.name}", answer is True, answer)
        drawn = collections.Counter(fault.name for fault in history.faults)
        print(f"faults: {dict(drawn)}\nrefused: {dict(history.refused)}\nunreachable: {dict(history.unreachable)}")
        check(f"all {chosen.faults} faults were done", len(history.faults) == chosen.faults)
        check("the load was real", len(history.issued) > 20 * chosen.faults and len(history.wrote) > chosen.faults)
    finally:
        cluster.kill()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--faults", type=int, default=12)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--pace", type=float, default=1.0, help="multiplies how long faults and pauses last")
    options.add_argument("--only", action="append", default=[], help="draw from these kinds alone (faults/kinds.py)")
    options.add_argument("--keep", action="store_true", help="leave data and logs behind and say where")
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    if os.geteuid() != 0 or missing_packages():
        skip("faults over three nodes", f"needs root and Debian's {PACKAGES}, iproute2")
        done()
    kinds, missing = possible()
    for kind, reason in missing.items():
        skip(kind.__name__, reason)
    if chosen.only:
        kinds = {kind: weight for kind, weight in kinds.items() if kind.__name__ in chosen.only}
    network = Network()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-faults-"))
    try:
        run(chosen, folder, network, kinds)
    finally:
        network.close()
        if chosen.keep:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    done()


if __name__ == "__main__":
    main()
