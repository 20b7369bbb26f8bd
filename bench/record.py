#!/usr/bin/env python3
"""What the record costs and how soon it tells: ingest, bytes on disk, time to KQL and to an alert, tokens beside heavy queries.

    bench/record.py [--tokens 400000] [--samples 300] [--alerts 60] [--runs 5] [--seconds 5]       SIGNET_BIN names the binary

Tokens are the source: each is one record. CPU is user and system time of the server's process tree, from /proc. Rounds with
and without queries alternate and the median counts. Rates and latencies depend on the machine and its neighbours.
Standard library, `wrk` and `openssl` only.
"""
import argparse
import contextlib
import itertools
import os
import pathlib
import sqlite3
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))

from fixture import running
from https_client import Client, claims
from load import cpu_seconds, drive, settle
from modes import Modes

TABLE = "AADServicePrincipalSignInLogs"
# Each reads every sign-in, and what is sorted, joined or matched is different in each.
HEAVY = [
    f"{TABLE} | summarize dcount(CorrelationId), dcount(Id), max(TimeGenerated) by bin(TimeGenerated, 1s), AppId | count",
    f"{TABLE} | where CorrelationId matches regex '[0-9]a[^b]c.*[de]f' and Id !has 'abc' | summarize count() by AppId, IPAddress",
    f"{TABLE} | project TimeGenerated, Id, AppId | sort by Id asc | take 1000",
    f"{TABLE} | extend Net = strcat(tostring(parse_json(LocationDetails).city), '/', substring(CorrelationId, 0, 3)) "
    "| summarize count() by Net | top 20 by count_",
]


class Target:
    """A figure that is judged."""

    missed = []

    @classmethod
    def check(cls, name, value, most, unit):
        met = value <= most
        print(f"{'ok  ' if met else 'MISS'} {name}: {value:.3g} {unit} (<= {most:g})", flush=True)
        if not met:
            cls.missed.append(name)


class Scene:
    """A server whose tenant signs in, and whose administrator asks."""

    def __init__(self, fixture):
        self.fixture, self.server, self.directory = fixture, fixture.server, fixture.directory
        self.secret = Modes(fixture, 64).secret()
        self.path = f"/v1/workspaces/{self.directory.tenant}/query"

    def anew(self):
        """A client of its own: an idle connection may have been closed."""
        return Client(self.server.base, self.server.ca)

    def ask(self, client, query, timespan=None):
        """The rows of a query."""
        body = {"query": query} | ({"timespan": timespan} if timespan else {})
        answer = client.json("POST", self.path, body, self.directory.bearer())
        if answer.status != 200 or "error" in answer.json():
            raise RuntimeError(f"{query}: {answer}")
        return answer.json()["tables"][0]["rows"]

    def token(self, client, number):
        """A token of one of the clients."""
        answer = client.request("POST", self.directory.token_path, self.secret.lines[number % 64],
                                {"content-type": "application/x-www-form-urlencoded"})
        if answer.status != 200:
            raise RuntimeError(str(answer))
        return answer.json()["access_token"]


def folder_bytes(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def ingest(scene, tokens):
    """Tokens as fast as they come; then what the server does with their records when nobody asks any more."""
    server, data = scene.server, scene.server.data
    pid = server.process.pid
    drive(scene.secret, 32, 1)
    settle(pid)
    before, counted = server.metrics(), folder_bytes(data)
    done, cpu, seconds, rates = 0, 0.0, 0.0, []
    while done < tokens:
        began, spent = time.monotonic(), cpu_seconds(pid)
        drive(scene.secret, 32, 5)
        took, spent = time.monotonic() - began, cpu_seconds(pid) - spent
        now = server.metrics()["signet_records_total"] - before["signet_records_total"]
        rates.append((now - done) / took)
        done, cpu, seconds = now, cpu + spent, seconds + took
    rest = cpu_seconds(pid)
    settle(pid, seconds=12.0, patience=120)  # tails are looked after every ten seconds
    rest = cpu_seconds(pid) - rest
    after = server.metrics()
    print(f"ingest, 32 clients: {done:,.0f} records in {seconds:.0f} s, {statistics.median(rates):,.0f}/s at the median")
    print(f"  CPU: {cpu / done * 1e6:.1f} us a token with its record while they come, {rest / done * 1e6:.1f} us a record "
          "afterwards (segments, and what gathering had left)")
    print(f"  a record is {(after['signet_record_bytes_total'] - before['signet_record_bytes_total']) / done:.0f} bytes "
          f"as it is handed to the disk; {os.getloadavg()[0]:.1f} load average")
    return done, counted


def reading(path):
    """A database that the server has open."""
    return contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


def sizes(scene, records, before):
    """Bytes of each database's pages and of segments; the write-ahead logs, which are bounded, apart."""
    data = scene.server.data
    print(f"on disk after {records:,.0f} records, bytes a record:")
    for name in ["records.db", "record-rows.db", "record-log.db"]:
        with reading(data / name) as database:
            [pages], [size] = (database.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size"))
        print(f"  {name:16} {pages * size / records:8.0f}")
    with reading(data / "log-columns" / "segments.db") as ledger:
        [(size, rows)] = ledger.execute("SELECT sum(bytes), sum(rows) FROM segments").fetchall()
        [(signs, signed)] = ledger.execute(
            "SELECT sum(bytes), sum(rows) FROM segments WHERE table_name = ?", [TABLE]).fetchall()
    if rows:
        print(f"  segments         {size / rows:8.0f}  a row; a sign-in's {signs / signed:.0f}; {rows:,} rows of {records:,.0f} records "
              f"and those before are in {size:,} bytes")
    logs = sum(file.stat().st_size for file in data.glob("*.db-wal"))
    print(f"  write-ahead logs {logs:,} bytes in all; the data directory grew by {folder_bytes(data) - before:,}", flush=True)


def visible(scene, samples, name):
    """From a token's answer to its row in an answer, asked over and over."""
    tokens, queries = scene.anew(), scene.anew()
    waits, asked = [], 0
    for number in range(samples):
        token = scene.token(tokens, number)
        began = time.monotonic()
        query = f"{TABLE} | where UniqueTokenIdentifier == '{claims(token)['jti']}' | count"
        while scene.ask(queries, query, "PT10M")[0][0] != 1:
            asked += 1
        waits.append(time.monotonic() - began)
    print(f"visible in KQL after the token's answer, {name}, {samples} samples: p50 {statistics.median(waits) * 1000:.0f} ms, "
          f"p99 {percentile(waits, .99) * 1000:.0f} ms, max {max(waits) * 1000:.0f} ms; asked again {asked} times")
    Target.check(f"token to KQL, p99, {name}", percentile(waits, .99), 2, "s")


def alerts(scene, samples):
    """From a change's answer to its alert in the list of alerts, asked every 20 ms."""
    directory = scene.directory
    directory.client = scene.anew()
    directory.call("POST", "/security/alertRules", {
        "displayName": "Timed", "severity": "low", "evaluation": "streaming", "suppressForMinutes": 0,
        "groupBy": ["Name"], "description": "{{Name}}", "query":
        "AuditLogs | where OperationName == 'Add application' | project Name = tostring(TargetResources[0].displayName)"})
    time.sleep(2)
    waits = []
    for number in range(samples):
        name = f"timed-{number}"
        directory.call("POST", "/applications", {"displayName": name})
        began = time.monotonic()
        while not any(alert["description"].startswith(name) for alert in directory.call(
                "GET", "/security/alerts?$orderby=createdDateTime%20desc&$top=5")["value"]):
            if time.monotonic() - began > 30:
                raise RuntimeError(f"{name} raised no alert in 30 s")
            time.sleep(0.02)
        waits.append(time.monotonic() - began)
    print(f"streaming alert after the change's answer, {samples} samples: p50 {statistics.median(waits) * 1000:.0f} ms, "
          f"p95 {percentile(waits, .95) * 1000:.0f} ms, max {max(waits) * 1000:.0f} ms")
    Target.check("change to streaming alert, p95", percentile(waits, .95), 3, "s")


@contextlib.contextmanager
def asking(scene):
    """Heavy queries, one after the other, for as long as this is open."""
    ended, taken, wrong = threading.Event(), [], []

    def ask():
        client = scene.anew()
        for query in itertools.cycle(HEAVY):
            if ended.is_set():
                return
            try:
                taken.append(timed(scene, client, query))
            except (OSError, RuntimeError) as error:  # a query that fails makes the figure worthless
                wrong.append(error)
                return

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield taken
    finally:
        ended.set()
        thread.join()
    if wrong:
        raise wrong[0]


def heavy(scene, runs, seconds):
    """Token latency beside heavy queries, and without them."""
    client = scene.anew()
    print("heavy queries alone, s:", ", ".join(f"{took:.2f}" for took in (timed(scene, client, query) for query in HEAVY)))
    for concurrency in (8, 32):
        seen = {"without": [], "with": []}
        answered = []
        for _ in range(runs):
            seen["without"].append(drive(scene.secret, concurrency, seconds))
            with asking(scene) as taken:
                time.sleep(0.5)
                seen["with"].append(drive(scene.secret, concurrency, seconds))
            answered += taken
        print(f"tokens beside heavy queries, c={concurrency}, median of {runs} alternating runs of {seconds} s, one query "
              f"after the other ({len(answered)} answered, {statistics.median(answered):.1f} s each at the median)")
        for name, found in seen.items():
            middle = lambda of: statistics.median(of(run) for run in found)
            print(f"  {name:8} {middle(lambda run: run.rps):8.0f} tokens/s  p50 {middle(lambda run: run.p50_us) / 1000:7.2f} ms  "
                  f"p99 {middle(lambda run: run.p99_us) / 1000:7.2f} ms")
        ratios = [one.p99_us / other.p99_us for one, other in zip(seen["with"], seen["without"])]
        print("  p99 with / without, pair by pair:", ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios)))
        Target.check(f"token p99 beside heavy queries, c={concurrency}", statistics.median(ratios), 1.5, "x")


def timed(scene, client, query):
    began = time.monotonic()
    scene.ask(client, query)
    return time.monotonic() - began


@contextlib.contextmanager
def load(scene, concurrency, seconds):
    """Tokens beside what is measured."""
    thread = threading.Thread(target=drive, args=[scene.secret, concurrency, seconds])
    thread.start()
    yield thread
    thread.join()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tokens", type=int, default=400_000)
    options.add_argument("--samples", type=int, default=300)
    options.add_argument("--alerts", type=int, default=60)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--only", nargs="*", choices=["ingest", "visible", "alerts", "heavy"])
    chosen = options.parse_args()
    wanted = lambda part: not chosen.only or part in chosen.only
    with running() as fixture:
        scene = Scene(fixture)
        if wanted("visible"):
            visible(scene, chosen.samples, "idle")
        if wanted("alerts"):
            alerts(scene, chosen.alerts)
        sizes(scene, *ingest(scene, chosen.tokens if wanted("ingest") else 40_000))
        if wanted("visible"):
            with load(scene, 8, 20) as beside:
                visible(scene, chosen.samples // 3, "beside 8 clients")
                beside.join()
        if wanted("heavy"):
            heavy(scene, chosen.runs, chosen.seconds)
        fixture.server.stop()
    if Target.missed:
        sys.exit("missed: " + "; ".join(Target.missed))


if __name__ == "__main__":
    main()
