#!/usr/bin/env python3
"""What each fault looks like from outside: the failure table of docs/operations/high-availability.md, observed.

Each kind of acceptance/faults/kinds.py is done once under the harness's load. Printed for each: how long the worst and the
best node gave no token, what clients were answered, and which checks of `/readyz` failed where. Same needs as
many_nodes_faults.py, and never beside it: both use the same network namespaces.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request

from checks import check, done, skip
from faults.cluster import Cluster
from faults.database import PACKAGES, PASSWORD, Database, missing_packages
from faults.history import History, now
from faults.hosts import Network
from faults.kinds import Stage, possible
from faults.load import Load
from many_nodes_faults import CONFIG, all_ready, seed


class Readiness(threading.Thread):
    """Asks every node again and again."""

    def __init__(self, nodes):
        super().__init__(daemon=True)
        self._nodes, self._over, self.failed = nodes, threading.Event(), collections.Counter()

    def run(self):
        while not self._over.wait(0.1):
            for node in self._nodes:
                for check_name in self._ask(node):
                    self.failed[f"{node.name} {check_name}"] += 1

    @staticmethod
    def _ask(node):
        try:
            urllib.request.urlopen(f"http://{node.address}:{node.management_port}/readyz", timeout=1).close()
            return []
        except urllib.error.HTTPError as answer:
            return [missing["name"] for missing in json.load(answer)["checks"]]
        except OSError:
            return ["does not answer"]

    def end(self):
        self._over.set()
        self.join()


def longest_gap(times, begun, ended):
    moments = [begun, *sorted(moment for moment in times if begun < moment < ended), ended]
    return max(later - earlier for earlier, later in zip(moments, moments[1:]))


def observe(kind, stage, history, settled):
    readiness = Readiness(stage.nodes)
    before = history.refused.copy(), history.unreachable.copy()
    readiness.start()
    begun = now()
    kind(stage)
    for member in stage.database.members:
        member.start()
    well = settled()
    time.sleep(2)
    ended = now()
    readiness.end()
    gaps = sorted(longest_gap([event.ended for event in history.issued if event.node == node.name], begun, ended)
                  for node in stage.nodes)
    refused, unreachable = history.refused - before[0], history.unreachable - before[1]
    statuses = collections.Counter()
    for (_, status), count in refused.items():
        statuses[status] += count
    print(f"{kind.__name__}: no token for {gaps[-1]:.1f} s at the worst node, {gaps[0]:.1f} s at the best\n"
          f"    refused {dict(statuses)}, no answer {sum(unreachable.values())}, not ready: {sorted(readiness.failed)}", flush=True)
    return well


def run(chosen, folder, network, kinds):
    database = Database(network, folder).start()
    database.sql("CREATE DATABASE signet")
    cluster = Cluster(network, folder, database.address(), PASSWORD, CONFIG).start()
    try:
        history = History()
        scene = seed(cluster, cluster.nodes[0].create_tenant("Contoso"))
        stage = Stage(cluster.nodes, database, random.Random(chosen.seed))

        def settled():
            database.settle()
            return all_ready(cluster.nodes)

        with Load(scene, history, chosen.seed):
            time.sleep(3)
            for kind in kinds:
                check(f"all is well again after {kind.__name__}", observe(kind, stage, history, settled))
    finally:
        cluster.kill()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", action="append", default=[], help="these kinds alone")
    chosen = options.parse_args()
    if os.geteuid() != 0 or missing_packages():
        skip("what faults look like", f"needs root and Debian's {PACKAGES}, iproute2")
        done()
    kinds = [kind for kind in possible()[0] if not chosen.only or kind.__name__ in chosen.only]
    network, folder = Network(), pathlib.Path(tempfile.mkdtemp(prefix="signet-seen-"))
    try:
        run(chosen, folder, network, kinds)
    finally:
        network.close()
        shutil.rmtree(folder, ignore_errors=True)
    done()


if __name__ == "__main__":
    main()
