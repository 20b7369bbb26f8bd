#!/usr/bin/env python3
"""Exports and alerts over two nodes and one PostgreSQL, while whoever does the work is killed, or stands still.

One node at a time sends to a sink, and one asks the alert rules; which one is whoever holds the lease. What must hold whatever
becomes of it: every record reaches the receiver at least once, each change that a rule looks for raises one alert and no
second, and the lag comes back to nothing. A node that stood still for longer than others have patience goes on with what it
had in hand, and does no harm.

    exports_nodes.py [--rounds N]
"""
import argparse
import collections
import os
import signal
import tempfile
import threading
import time
import urllib.request

from checks import check, done, skip
from collectors import SECRET, Collector
from directory import Directory, Refused, TokenClient
from exports import ids, until
from https_client import Client
from loopback_nodes import Nodes, postgres_bin

# Others wait so long for a node that says nothing (docs/operations/exports.md), and some time to notice.
PATIENCE = 15
CONFIG = """
[fetch]
allow = ["localhost:{port}"]
extra_ca = ["{folder}/peer-ca.pem"]

[exports.hook]
to = "webhook"
url = "{base}/hook"
secret_file = "{folder}/secret"
batch = 20

[exports.alarms]
to = "webhook"
url = "{base}/alarms"
format = "record"
records = "alerts"
secret_file = "{folder}/secret"
"""


def sample(node, name, sink=None):
    """A metric of a node; none if it does not answer or has none."""
    try:
        with urllib.request.urlopen(f"http://{node.address}:{node.management_port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.split("{")[0].split(" ")[0] == name and (sink is None or f'sink="{sink}"' in line):
            return float(line.rsplit(" ", 1)[1])
    return None


class Scene:
    """A tenant in which applications are made and tokens issued all the time, through whichever node answers."""

    def __init__(self, cluster, collector):
        self.cluster, self.collector = cluster, collector
        self.tenant = cluster.nodes[0].create_tenant("Contoso")
        self.made, self.refused, self._stop = [], 0, threading.Event()
        directory = self.directory(cluster.nodes[0])
        ada = directory.user()
        self.blueprint, _ = directory.blueprint(ada)
        self.agent = directory.agent(self.blueprint, ada)
        self.secret = directory.password(self.blueprint)
        directory.call("POST", "/security/alertRules", {
            "displayName": "Each", "severity": "low", "evaluation": "streaming", "suppressForMinutes": 1440,
            "groupBy": ["SubjectName"], "description": "{{SubjectName}}",
            "query": "AuditLogs | where OperationName == 'Add application' | project SubjectName = tostring(TargetResources[0].displayName)"})

    def directory(self, node):
        directory = Directory(node.base, node.ca, self.tenant)
        directory.client = Client(node.base, node.ca, 20, node.at)
        return directory

    def doing(self, name, *sinks):
        """The one node that does it; none while another has not noticed yet that it does not any more."""
        found = [node for node in self.cluster.nodes
                 if node.process.poll() is None and all(sample(node, name, sink) == 1 for sink in sinks or [None])]
        return found[0] if len(found) == 1 else None

    def work(self, node):
        directory = self.directory(node)
        tokens = TokenClient(directory, node.ca, self.blueprint["appId"], self.secret)
        tokens.client = directory.client
        while not self._stop.is_set():
            name = f"made-{len(self.made)}-{time.monotonic_ns()}"
            try:
                directory.call("POST", "/applications", {"displayName": name})
                self.made.append(name)
                for _ in range(8):
                    tokens.first_step(self.agent["id"])
            except (OSError, Refused, ValueError):
                # A node that is dead, or stands still: whether the last one was made is seen in the trail.
                self.refused += 1
                directory = self.directory(node)
                tokens.client = directory.client
                self._stop.wait(0.3)
            # Slowly: more than fifty at once, after fifteen seconds of nobody, would be a listing and no alerts.
            self._stop.wait(1)

    def __enter__(self):
        self._threads = [threading.Thread(target=self.work, args=(node,), daemon=True) for node in self.cluster.nodes]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def recorded(self):
        """The ids of all sign-ins and audits, and the names of applications that the trail says were made."""
        directory, found, made = self.directory(self.cluster.nodes[0]), set(), []
        for record in directory.pages("/auditLogs/signIns?$top=500"):
            found.add(record["id"])
        for record in directory.pages("/auditLogs/directoryAudits?$top=500"):
            found.add(record["id"])
            if record["activityDisplayName"] == "Add application" and record["targetResources"][0]["displayName"].startswith("made-"):
                made.append(record["targetResources"][0]["displayName"])
        return found, made

    def alerts(self):
        found = self.directory(self.cluster.nodes[0]).pages("/security/alerts")
        return collections.Counter(alert["description"] for alert in found if alert["category"] == "alertRule")


def taken_over(scene, name, fault, *sinks):
    """Whoever does something is stopped; another goes on."""
    # By whom: what one node does it may give to another at any time.
    if not until(lambda: scene.doing(name, *sinks), 60):
        return check(f"somebody does {name}", False)
    node = scene.doing(name, *sinks)
    begun = time.monotonic()
    node.signal(signal.SIGSTOP) if fault == "stands still" else node.kill()
    others = [other for other in scene.cluster.nodes if other is not node]
    took = until(lambda: any(all(sample(other, name, sink) == 1 for sink in sinks or [None]) for other in others), 3 * PATIENCE)
    check(f"{node.name} {fault}: another goes on ({name})", took)
    print(f"     after {time.monotonic() - begun:.1f} s", flush=True)
    time.sleep(3)
    node.signal(signal.SIGCONT) if fault == "stands still" else node.start()
    return took


def settled(scene):
    """Nothing waits, on whichever node sends."""
    lag = lambda: (node := scene.doing("signet_export_sending", "hook", "alarms")) and sample(node, "signet_export_lag_seconds", "hook") == 0
    return until(lag, 60)


def complete(scene):
    """What must be everywhere, once nobody does anything any more."""
    check("the lag comes back to nothing", settled(scene))
    wanted, made = scene.recorded()
    missing = lambda: wanted - set(ids(scene.collector, "hook"))
    until(lambda: not missing(), 60)
    check(f"each of {len(wanted)} sign-ins and audits arrived", not missing(), len(missing()))
    check("the work was real", len(made) > 50 and set(scene.made) <= set(made), (len(made), len(scene.made), scene.refused))
    until(lambda: set(made) <= set(scene.alerts()), 90)
    alerts = scene.alerts()
    check(f"each of {len(made)} changes raised an alert", set(made) <= set(alerts), sorted(set(made) - set(alerts))[:5])
    twice = {name: count for name, count in alerts.items() if count > 1}
    check("and none a second", not twice, twice)
    told = lambda: {detail["value"] for _, event in scene.collector.got["alarms"] for detail in event["AdditionalDetails"] if detail["key"] == "Alert"}
    until(lambda: set(made) <= told(), 60)
    check("each alert went out", set(made) <= told(), len(set(made) - told()))
    again = sum(count > 1 for count in ids(scene.collector, "hook").values())
    print(f"     of {len(wanted)} records {again} were sent more than once; {scene.refused} calls failed at a node that was gone", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1, help="times that each of the faults happens")
    rounds = parser.parse_args().rounds
    if not postgres_bin():
        skip("exports and alerts over two nodes", "PostgreSQL is not installed")
        return done()
    folder = tempfile.mkdtemp(prefix="signet-exports-nodes-")
    os.chmod(folder, 0o755)
    cluster = Nodes(folder, 2)
    (cluster.folder / "secret").write_text(SECRET + "\n")
    with Collector(cluster.folder) as collector:
        for node in cluster.nodes:
            more = CONFIG.format(port=collector.port, base=collector.base, folder=cluster.folder)
            node.config.write_text(node.config.read_text() + more)
        try:
            cluster.start()
            with Scene(cluster, collector) as scene:
                time.sleep(3)
                for _ in range(rounds):
                    taken_over(scene, "signet_export_sending", "is killed", "hook")
                    taken_over(scene, "signet_alert_rules_watching", "is killed")
                    taken_over(scene, "signet_export_sending", "stands still", "hook")
                    taken_over(scene, "signet_alert_rules_watching", "stands still")
                time.sleep(2)
            complete(scene)
            check("no receiver got what its kind would refuse", not collector.wrong, collector.wrong[:5])
        finally:
            cluster.kill()
    done()


if __name__ == "__main__":
    main()
