#!/usr/bin/env python3
"""What a token costs over PostgreSQL: CPU per token of the node beside that of an embedded server, and what more nodes bring.

    bench/nodes.py [--seconds 5] [--runs 5] [--nodes 3] [--most 1.15]        SIGNET_BIN names the binary

The embedded server and the first node run at once; rounds alternate between them and the median of the rounds counts.
PostgreSQL's own CPU is printed apart. The nodes, the database and the client share this machine, so that more nodes bring
more tokens only while it has processors to spare. Standard library, `wrk` and `openssl` only.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))

from directory import Directory
from https_client import Client
from load import cpu_seconds, drive
from loopback_nodes import Nodes, postgres_bin
from modes import Modes
from server import Server

WRITES = 300


class Seeded:
    """What `modes` needs of a fixture, over a server that runs already."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.directory = Directory(server.base, server.ca, server.create_tenant("Bench"))
        if getattr(server, "at", None):
            self.directory.client = Client(server.base, server.ca, 60, server.at)
        self.sponsor = self.directory.user()
        self.blueprint, _ = self.directory.blueprint(self.sponsor)

    def target(self, name, spread):
        target = Modes(self, spread).secret()
        target.name = name
        return target

    def writes_per_second(self):
        """Directory writes of one client, one after the other."""
        self.directory.client.close()  # what was silent for a minute has been closed at the other end
        person, begun = self.sponsor["id"], time.monotonic()
        for number in range(WRITES):
            self.directory.call("PATCH", f"/users/{person}", {"displayName": f"w {number}"})
        return WRITES / (time.monotonic() - begun)


def at_node(target, node, name):
    """The same requests to another node."""
    path = target.url.split("/", 3)[3]
    return type(target)(name, f"https://127.0.0.1:{node.port}/{path}", node.process.pid, target.lines)


def alternate(embedded, shared, postgres, chosen):
    """The medians of alternating rounds; PostgreSQL's CPU is that of its rounds."""
    for target in (embedded, shared):
        drive(target, chosen.concurrency, 1)
    runs, database = {embedded.name: [], shared.name: []}, []
    for _ in range(chosen.runs):
        runs[embedded.name].append(drive(embedded, chosen.concurrency, chosen.seconds))
        before = cpu_seconds(postgres)
        run = drive(shared, chosen.concurrency, chosen.seconds)
        runs[shared.name].append(run)
        database.append((cpu_seconds(postgres) - before) / (run.rps * chosen.seconds) * 1e6)
    print(f"\nCPU per token, secret, c={chosen.concurrency}, median of {chosen.runs} alternating runs of {chosen.seconds} s")
    print(f"{'':14}{'CPU-us':>9}{'min':>9}{'max':>9}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}")
    for name, seen in runs.items():
        cpu = [run.cpu_us for run in seen]
        middle = lambda of: statistics.median(of(run) for run in seen)
        print(f"{name:14}{statistics.median(cpu):9.1f}{min(cpu):9.1f}{max(cpu):9.1f}{middle(lambda run: run.rps):12.0f}"
              f"{middle(lambda run: run.p50_us) / 1000:9.2f}{middle(lambda run: run.p99_us) / 1000:9.2f}")
    print(f"{'PostgreSQL':14}{statistics.median(database):9.1f}{min(database):9.1f}{max(database):9.1f}", flush=True)
    middle = {name: statistics.median(run.cpu_us for run in seen) for name, seen in runs.items()}
    return middle[shared.name] / middle[embedded.name]


def together(targets, chosen):
    """Tokens per second of nodes that are driven at once."""
    with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
        share = max(1, chosen.concurrency // len(targets))
        runs = list(pool.map(lambda target: drive(target, share, chosen.seconds), targets))
    print(f"{len(targets)} node{'s' * (len(targets) > 1)}: {sum(run.rps for run in runs):8.0f} tokens/s, "
          f"p99 {max(run.p99_us for run in runs) / 1000:.2f} ms", flush=True)


def compare(folder, chosen):
    cluster = Nodes(folder, chosen.nodes)
    with Server(folder / "embedded") as server:
        try:
            cluster.start()
            alone, shared = Seeded(server, folder), Seeded(cluster.nodes[0], folder)
            embedded = alone.target("embedded", chosen.spread)
            first = at_node(shared.target("PostgreSQL's", chosen.spread), cluster.nodes[0], "node")
            print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
            ratio = alternate(embedded, first, cluster.postgres.process.pid, chosen)
            print()
            for count in range(1, chosen.nodes + 1):
                together([at_node(first, node, node.name) for node in cluster.nodes[:count]], chosen)
            print(f"\ndirectory writes/s, one client: embedded {alone.writes_per_second():.0f}, "
                  f"PostgreSQL {shared.writes_per_second():.0f}")
        finally:
            cluster.kill()
    return ratio


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--concurrency", type=int, default=32)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--nodes", type=int, default=3)
    options.add_argument("--spread", type=int, default=64, help="clients that requests are spread over")
    options.add_argument("--most", type=float, help="fail when a token costs a node more than so many embedded ones")
    chosen = options.parse_args()
    if not postgres_bin():
        raise SystemExit("no PostgreSQL server is installed (apt-get install postgresql)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-bench-"))
    folder.chmod(0o755)  # the database runs as another user
    try:
        ratio = compare(folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"client secret, at+jwt, durable record: a node over PostgreSQL spends {ratio:.2f} x the embedded server's CPU")
    if chosen.most and ratio > chosen.most:
        sys.exit(f"more than {chosen.most}")


if __name__ == "__main__":
    main()
