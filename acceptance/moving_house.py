#!/usr/bin/env python3
"""`signet migrate`: a deployment on embedded storage moves into PostgreSQL, killed on the way, and goes on there.

What must hold: a move that was cut goes on where it ended; nothing can be served from a database that is not whole, nor
from the copy that stayed; afterwards objects, tokens, credentials and the record are what they were.
"""
import argparse
import base64
import json
import pathlib
import signal
import subprocess
import tempfile
import time

from checks import check, done, expect, skip
from directory import TokenClient
from fixture import RESOURCE, Fixture, running
from kill_switch import Introspection
from postgres import Cluster, installed
from server import binary
from tlog_proofs import grows
from transparency import Log, settled, stated

SCOPE = f"{RESOURCE}/.default"


def fill(fixture, agents):
    """Agents in batches, so that there is something to move."""
    directory = fixture.directory
    for start in range(0, agents, 20):
        body = {"requests": [
            {"id": str(number), "method": "POST", "url": "/servicePrincipals/microsoft.graph.agentIdentity",
             "headers": {"Content-Type": "application/json"},
             "body": {"displayName": f"order-bot-{number}", "agentIdentityBlueprintId": fixture.blueprint["appId"],
                      "sponsors@odata.bind": [directory.reference("users", fixture.sponsor["id"])]}}
            for number in range(start, min(start + 20, agents))]}
        answers = directory.call("POST", "/$batch", body)["responses"]
        assert all(answer["status"] == 201 for answer in answers), answers[0]


def token(fixture):
    steps = TokenClient(fixture.directory, fixture.server.ca, fixture.blueprint["appId"], fixture.blueprint_secret)
    t1 = steps.first_step(fixture.agent["id"]).json()["access_token"]
    return steps.second_step(fixture.agent["id"], t1, SCOPE).json()["access_token"]


def migrate(fixture, url):
    return [binary(), "migrate", "--from", f"sqlite://{fixture.server.data}", "--to", url, "--output", "json"]


def run(command):
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)


def cut(command, cluster, rows):
    """Kills the move once some agents have arrived; whether it was cut before its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    while process.poll() is None:
        if int(cluster.sql("SELECT count(*) FROM objects", quiet=True) or 0) >= rows:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.002)
    return process.returncode == -signal.SIGKILL


def ids(fixture):
    return sorted(agent["id"] for agent in fixture.directory.pages(
        "/servicePrincipals/microsoft.graph.agentIdentity?$select=id&$top=999"))


def checkpoint(fixture, wait=30):
    """What the log of the record has signed, once it has signed something."""
    give_up = time.monotonic() + wait
    while True:
        try:
            return fixture.server.command("logs", "checkpoint", "--tenant", fixture.tenant["tenantId"])
        except RuntimeError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.5)


def goes_on(fixture, signed):
    """The log after the move: under the same name, grown out of what was signed before."""
    log = Log(fixture)
    now = settled(log, stated(signed)[0])
    check("the log goes by the same name", now.split("\n")[0] == signed.split("\n")[0], (now, signed))
    (old, before), (new, after) = stated(signed), stated(now)
    answer = json.loads(log.read(f"consistency?from={old}&to={new}"))
    path = [base64.b64decode(line) for line in answer["path"]]
    check("and grew out of what was signed before", new > old and grows(old, before, new, after, path), answer)
    check("which another history did not", not grows(old, bytes(32), new, after, path))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--agents", type=int, default=1000)
    chosen = options.parse_args()
    if not installed():
        skip("moving house", "PostgreSQL's server is not installed")
        done()
    with tempfile.TemporaryDirectory() as folder, Cluster(pathlib.Path(folder) / "postgres") as cluster, running() as fixture:
        fixture: Fixture
        fill(fixture, chosen.agents)
        before, old = ids(fixture), token(fixture)
        signed = pathlib.Path(folder) / "signed.checkpoint"
        signed.write_text(checkpoint(fixture))
        refused = run(migrate(fixture, cluster.url()))
        check("a running server's data are not moved", refused.returncode != 0, refused)
        fixture.server.stop()
        check("the move is cut in the middle", cut(migrate(fixture, cluster.url()), cluster, chosen.agents // 2))
        fixture.server.config.write_text(f'[storage]\nurl = "{cluster.url()}"\n')
        half = run([binary(), "serve", "--config", fixture.server.config, "--data-dir", fixture.server.data])
        check("a database that is not whole is not served", half.returncode == 1 and "signet migrate" in half.stderr,
              half.stderr[-300:])
        moved = run(migrate(fixture, cluster.url()))
        check("the move goes on and ends", moved.returncode == 0, moved.stderr[-500:])
        again = run(migrate(fixture, cluster.url()))
        rows = {line["table"]: line["rows"] for line in json.loads(moved.stdout or "[]")}
        check("the log was moved with the record", rows.get("record_log_spans", 0) > 0 and rows.get("record_log_tiles", 0) > 0
              and rows.get("record_log_checkpoints", 0) > 0, rows)
        check("a second move is refused", again.returncode != 0 and "was moved" in again.stderr, again.stderr[-300:])
        embedded = run([binary(), "serve", "--data-dir", fixture.server.data])
        check("the copy that stayed is not served", embedded.returncode == 1 and "storage.url" in embedded.stderr,
              embedded.stderr[-300:])
        fixture.server.start()
        fixture.directory.client.close()
        check(f"all {len(before)} agents are there", ids(fixture) == before)
        introspection = Introspection(fixture)
        expect("a token from before is still active", lambda: introspection.active(old))
        expect("the secret from before gets new ones", lambda: introspection.active(token(fixture)))
        uti = lambda: [record["uniqueTokenIdentifier"] for record in fixture.directory.pages("/auditLogs/signIns?$top=100")]
        check("the record from before is read beside the new", len(uti()) >= 4, len(uti()))
        goes_on(fixture, signed.read_text())
        expect("and verifies, with what was signed before", lambda: fixture.server.command("logs", "verify", "--checkpoint", signed))
        fixture.directory.enable(fixture.agent, False)
        check("the kill switch works there", introspection.active(old) is False)
        fixture.server.stop()
    done()


if __name__ == "__main__":
    main()
