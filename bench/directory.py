#!/usr/bin/env python3
"""How the directory grows: cost per operation with 1,000, 100,000 and 1,000,000 agents in one tenant.

    bench/directory.py [--sizes 1000,100000,1000000] [--blueprints 1000] [--seconds 2] [--hot 40000]

Everything goes through the public API of the built server (SIGNET_BIN) on the embedded store, writes included: agents
are created in `$batch`es of 20 and spread over the blueprints by Zipf's law. CPU is user and system time of the
server's process, from /proc, and judges growth; rates and latencies depend on the machine and its neighbours and are
printed as context. Ends with 1 if a target is missed. Standard library only.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))

from directory import Directory, TokenClient
from filling import Filling
from load import cpu_seconds, resident_kib, settle
from operations import operations, scan
from server import Server

# (operation, most growth in CPU from the smallest size to the largest)
GROWTH = [("get", 2.0), ("filter by blueprint", 2.0), ("filter by name", 2.0)]
ROWS_PER_CPU_SECOND = 300_000
CREATES_PER_SECOND = 3_000
BYTES_PER_HOT_AGENT = 1_024
BYTES_BEYOND_THE_BOUND = 128


class Measured:
    """What one operation cost at one size."""

    def __init__(self, cpu, latencies):
        latencies.sort()
        self.cpu_us = cpu / len(latencies) * 1e6
        self.p50_ms = latencies[len(latencies) // 2] * 1e3
        self.p99_ms = latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)] * 1e3
        self.times = len(latencies)


def measure(pid, action, seconds):
    """Runs `action` over one connection for so long, five times at least."""
    action()
    latencies, before, end = [], cpu_seconds(pid), time.monotonic() + seconds
    while time.monotonic() < end or len(latencies) < 5:
        begun = time.monotonic()
        action()
        latencies.append(time.monotonic() - begun)
    return Measured(cpu_seconds(pid) - before, latencies)


def hot_agents(folder, hot, threads, config):
    """Bytes of resident memory for each agent that was just given a token, and for each once the bound is reached.

    On a server of its own, whose audit records have all been copied; in a new process each time, for what earlier work
    left in the allocator would hide what the agents take; with small page caches, which have a bound of their own; and
    beyond what as many tokens for few agents take, which have a record each too.
    """
    with Server(folder, config) as server:
        directory = Directory(server.base, server.ca, server.create_tenant("Hot"))
        filling = Filling(directory, 1, threads, hot)
        filling.blueprints_and_principals()
        filling.fill(hot)
        settle(server.process.pid, patience=600)
        directory.client.close()
        tokens = TokenClient(directory, server.ca, filling.first_blueprint["appId"], filling.secret)
        one, (few, rest), half = tokens_for(tokens), (filling.sample[:100], filling.sample[100:]), hot // 2

        def grown(reads, first, second):
            server.stop()
            server.config.write_text(f"{config}\n[cache]\npage_kib = 1024\nreads = {reads}\n")
            server.start()
            directory.client.close()
            again = (few * (len(second) // len(few) + 1))[:len(second)]
            resident = []
            for agents in (again + first, again, second):
                filling.over_threads(one, agents)
                settle(server.process.pid)
                resident.append(resident_kib(server.process.pid))
            before, without, after = resident
            return ((after - without) - (without - before)) * 1024 / len(second)

        return grown(10 * hot, [], rest), grown(max(1_000, half), rest[:half], rest[half:])


def tokens_for(tokens):
    def one(agent):
        answer = tokens.first_step(agent)
        if answer.status != 200:
            raise RuntimeError(f"no token: {answer}")
    return one


class Size:
    """Everything that was measured at one size."""

    def __init__(self, server, filling, size, chosen):
        pid = server.process.pid
        cpu, begun, created = cpu_seconds(pid), time.monotonic(), filling.agents
        filling.fill(size)
        # This thread's own connection was silent for as long as that took, and may be closed.
        filling.directory.client.close()
        created = filling.agents - created
        taken, cpu = time.monotonic() - begun, cpu_seconds(pid) - cpu
        self.agents, self.rate, self.create_us = size, created / taken, cpu / created * 1e6
        print(f"\n== {size:,} agents\ncreated {created:,} in $batch of 20 over {chosen.threads} connections: "
              f"{self.rate:,.0f}/s, {self.create_us:.0f} CPU-us each", flush=True)
        settle(pid)
        self.resident_mib = resident_kib(pid) / 1024
        database = sum(path.stat().st_size for path in (server.data).glob("directory.db*"))
        print(f"memory {self.resident_mib:.1f} MiB, database {database / 1e6:,.0f} MB "
              f"({database / size:,.0f} bytes an agent)", flush=True)
        print(f"{'':34}{'times':>7}{'CPU-us':>11}{'p50 ms':>9}{'p99 ms':>9}")
        self.costs = {}
        for name, action in operations(filling):
            cost = self.costs[name] = measure(pid, action, chosen.seconds)
            print(f"{name:34}{cost.times:7}{cost.cpu_us:11,.0f}{cost.p50_ms:9.2f}{cost.p99_ms:9.2f}", flush=True)
        # Audit records of the writes above are still being copied.
        settle(pid)
        self.rows = {}
        for name, path in scan():
            before = cpu_seconds(pid)
            pages = filling.walk(path)
            cpu = cpu_seconds(pid) - before
            self.rows[name] = size / max(cpu, 0.001)
            print(f"{name:34}{pages:7} answers, {self.rows[name]:,.0f} rows a CPU second", flush=True)
        print(f"memory {resident_kib(pid) / 1024:.1f} MiB after that", flush=True)


def judge(sizes, per_hot):
    """Prints each target with what was measured; answers whether all are met."""
    first, last = sizes[0], sizes[-1]
    lines = [(f"{name}: growth in CPU from {first.agents:,} to {last.agents:,}",
              last.costs[name].cpu_us / first.costs[name].cpu_us, "<=", most) for name, most in GROWTH]
    lines += [(f"{name}: rows a CPU second at {last.agents:,}", rows, ">=", ROWS_PER_CPU_SECOND)
              for name, rows in last.rows.items()]
    lines.append((f"creates a second up to {last.agents:,}", last.rate, ">=", CREATES_PER_SECOND))
    if per_hot is not None:
        held, bounded = per_hot
        lines.append(("resident bytes an agent held hot", held, "<=", BYTES_PER_HOT_AGENT))
        lines.append(("resident bytes an agent more, once `cache.reads` is full", bounded, "<=", BYTES_BEYOND_THE_BOUND))
    print()
    met = True
    for what, value, sense, bound in lines:
        good = value <= bound if sense == "<=" else value >= bound
        met &= good
        print(f"{'ok  ' if good else 'MISS'} {what}: {value:,.2f} ({sense} {bound:,})")
    print(f"\n{'CPU-us by size':34}" + "".join(f"{size.agents:>12,}" for size in sizes) + f"{'growth':>9}")
    for name in first.costs:
        costs = [size.costs[name].cpu_us for size in sizes]
        print(f"{name:34}" + "".join(f"{cost:12,.0f}" for cost in costs) + f"{costs[-1] / costs[0]:9.2f}")
    return met


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", default="1000,100000,1000000")
    options.add_argument("--blueprints", type=int, default=1000)
    options.add_argument("--threads", type=int, default=8)
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--hot", type=int, default=40_000, help="agents that are given a token, to see what they hold")
    options.add_argument("--config", default="", help="lines of signet.toml, but for `cache.*`")
    options.add_argument("--keep", help="a folder to leave the data in")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="signet-bench-") as folder:
        config = chosen.config.replace("\\n", "\n")
        per_hot = hot_agents(pathlib.Path(folder) / "hot", chosen.hot, chosen.threads, config) if chosen.hot else None
        server = Server(pathlib.Path(chosen.keep or folder) / "scale", config)
        with server:
            print(f"load average {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
            directory = Directory(server.base, server.ca, server.create_tenant("Scale"))
            settle(server.process.pid)
            print(f"memory, idle with one tenant: {resident_kib(server.process.pid) / 1024:.1f} MiB", flush=True)
            filling = Filling(directory, chosen.blueprints, chosen.threads, chosen.hot)
            filling.blueprints_and_principals()
            sizes = [Size(server, filling, int(size), chosen) for size in chosen.sizes.split(",")]
            print(f"memory at last: {resident_kib(server.process.pid) / 1024:.1f} MiB")
            server.stop()
    sys.exit(0 if judge(sizes, per_hot) else 1)


if __name__ == "__main__":
    main()
