#!/usr/bin/env python3
"""What a token costs: CPU per token of the built server beside that of the yardstick, from one run.

    bench/run.py [--agents 100000] [--record-bytes N]        SIGNET_BIN and YARDSTICK_BIN name the binaries

Both servers run at once, on the same TLS and keep-alive; rounds alternate between them and the median of the rounds
counts. CPU is user and system time of the server's process, from /proc; that of its children, which make columns of the
record and give way to it, stands apart: it comes in pieces, every second. Rates and latencies depend on the machine and
its neighbours and are printed as context. Standard library, `wrk` and `openssl` only.
"""
import argparse
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))

import population
from fixture import running
from https_client import claims, header
from load import drive
from modes import Modes
from yardstick import Yardstick


def record_bytes(server, asked):
    """What one record costs on disk: as asked, else as the server's metrics say."""
    if asked:
        return asked, "as asked"
    samples = server.metrics()
    try:
        return round(samples["signet_record_bytes_total"] / samples["signet_records_total"]), "from the server's metrics"
    except (KeyError, ZeroDivisionError):
        return 1500, "ASSUMED: the server's metrics do not say"


def payload_bytes(token):
    return len(token.split(".")[1]) * 3 // 4


def cpu_table(targets, chosen):
    """Alternating rounds at one concurrency; prints the medians and answers the ratio of the first target."""
    for target in targets:
        drive(target, chosen.concurrency, 1)  # warms caches and connections' code paths
    runs = {target.name: [] for target in targets}
    for _ in range(chosen.runs):
        for target in targets:
            runs[target.name].append(drive(target, chosen.concurrency, chosen.seconds))
    base = statistics.median(run.cpu_us for run in runs["yardstick"])
    print(f"\nCPU per token, c={chosen.concurrency}, median of {chosen.runs} alternating runs of {chosen.seconds} s")
    print(f"{'':14}{'CPU-us':>9}{'min':>9}{'max':>9}{'x yardstick':>13}{'children':>10}{'requests/s':>12}")
    for name, seen in runs.items():
        cpu = sorted(run.cpu_us for run in seen)
        middle = statistics.median(cpu)
        children = statistics.mean(run.children_us for run in seen)
        rate = statistics.median(run.rps for run in seen)
        print(f"{name:14}{middle:9.1f}{cpu[0]:9.1f}{cpu[-1]:9.1f}{middle / base:13.2f}{children:10.1f}{rate:12.0f}", flush=True)
    return statistics.median(run.cpu_us for run in runs[targets[0].name]) / base


def latency_table(targets, chosen):
    print(f"\n{'':14}{'c':>5}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}")
    for target in targets:
        for concurrency in (1, 32, 256):
            run = drive(target, concurrency, chosen.seconds)
            print(f"{target.name:14}{concurrency:5}{run.rps:12.0f}{run.p50_us / 1000:9.2f}{run.p99_us / 1000:9.2f}",
                  flush=True)


def compare(chosen):
    """The comparison with the yardstick."""
    with running(with_peer=True) as fixture:
        modes = Modes(fixture, chosen.spread)
        secret, two_step = modes.secret(), modes.two_step()
        targets = [secret, modes.certificate(), modes.federated(), two_step]
        print("tokens:", ", ".join(
            f"{target.name} {header(token)['alg']} {payload_bytes(token)} bytes of claims"
            for target in targets for token in [modes.sample(target)]))
        size, source = record_bytes(fixture.server, chosen.record_bytes)
        print(f"record: {size} bytes ({source})")
        yardstick = Yardstick(fixture.folder / "yardstick", payload_bytes(modes.sample(secret)), size)
        try:
            print(f"yardstick's own claims: {payload_bytes(yardstick.token)} bytes; load average {os.getloadavg()[0]:.1f}")
            assert claims(yardstick.token)
            ratio = cpu_table([*targets, yardstick.target()], chosen)
            latency_table([secret, two_step, yardstick.target()], chosen)
        finally:
            yardstick.stop()
        fixture.server.stop()
    return ratio


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--concurrency", type=int, default=32)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--spread", type=int, default=64, help="clients and agents that requests are spread over")
    options.add_argument("--record-bytes", type=int, help="bytes the yardstick appends per token")
    options.add_argument("--agents", type=int, default=0, help="also measure memory and cold start with so many agents")
    options.add_argument("--most", type=float, help="fail when secret costs more than so many yardsticks")
    chosen = options.parse_args()
    ratio = compare(chosen)
    print()
    population.measure(chosen.agents)
    print(f"\nclient secret, at+jwt, durable record: {ratio:.2f} x yardstick")
    if chosen.most and ratio > chosen.most:
        sys.exit(f"more than {chosen.most}")


if __name__ == "__main__":
    main()
