#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments under load and checks what it owes to those it answered.

Behaviour (invariant 2): every token that a client received has its sign-in record; every acknowledged write stands; the
chain verifies; the databases are intact. Repeat a run with the seed it prints.
"""
import argparse
import contextlib
import datetime
import http.client
import random
import sqlite3
import time
import urllib.parse

from background import Background
from checks import check, done
from directory import TokenClient
from fixture import RESOURCE, running
from https_client import claims


class Load(Background):
    """Threads that take the agent's two steps, and one that writes, until told to stop."""

    def __init__(self, fixture, threads):
        super().__init__([(self._tokens,)] * threads + [(self._writes,)])
        self._fixture = fixture
        self.received, self.refusals, self.acknowledged, self.attempted = [], [], None, None

    def _tokens(self):
        fixture, agent = self._fixture, self._fixture.agent["id"]
        tokens = TokenClient(fixture.directory, fixture.server.ca, fixture.blueprint["appId"], fixture.blueprint_secret)
        steps = (lambda _: tokens.first_step(agent), lambda t1: tokens.second_step(agent, t1, f"{RESOURCE}/.default"))
        try:
            while not self.over.is_set():
                token = None
                for step in steps:
                    answer = step(token)
                    if answer.status != 200:
                        self.refusals.append(answer)
                        break
                    token = answer.json()["access_token"]
                    self.received.append(claims(token)["uti"])
        except (OSError, http.client.HTTPException):
            return  # the server was killed under this request: no token was received

    def _writes(self):
        directory, path = self._fixture.directory, f"/servicePrincipals/{self._fixture.agent['id']}"
        number = 0
        try:
            while not self.over.is_set():
                number += 1
                self.attempted = f"order-bot {number}"
                directory.call("PATCH", path, {"displayName": self.attempted})
                self.acknowledged = self.attempted
        except (OSError, http.client.HTTPException):
            directory.client.close()


def recorded_since(directory, moment):
    """The `uniqueTokenIdentifier`s of every sign-in record since then."""
    query = urllib.parse.urlencode({"$filter": f"createdDateTime ge {moment}", "$top": "500"})
    return {record.get("uniqueTokenIdentifier") for record in directory.pages(f"/auditLogs/signIns?{query}")}


def missing(directory, moment, received, wait=30):
    """The tokens without a record; query rows are built from the durable frames within moments, so it asks again."""
    give_up = time.monotonic() + wait
    while True:
        left = set(received) - recorded_since(directory, moment)
        if not left or time.monotonic() > give_up:
            return left
        time.sleep(0.2)


def one_kill(fixture, dice, number, threads):
    """Load, a kill at a random moment, a restart, and the four checks; answers how many tokens were received."""
    moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    moment = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    with Load(fixture, threads) as load:
        delay = dice.uniform(0.05, 1.5)
        time.sleep(delay)
        fixture.server.kill()
    name = f"kill {number} after {delay:.3f} s"
    check(f"{name}: nothing but the kill stopped the load", not load.refusals, load.refusals[:2])
    fixture.directory.client.close()  # this thread's connection died with the process
    fixture.server.start()
    left = missing(fixture.directory, moment, load.received)
    check(f"{name}: {len(load.received)} tokens received, each has its record", not left, f"{len(left)} lack one: {sorted(left)[:3]}")
    agent = fixture.directory.call("GET", f"/servicePrincipals/{fixture.agent['id']}")
    if load.acknowledged:
        check(f"{name}: the acknowledged write stands", agent["displayName"] in (load.acknowledged, load.attempted),
              f"{agent['displayName']}, acknowledged {load.acknowledged}")
    try:
        fixture.server.command("logs", "verify")
        check(f"{name}: the chain verifies", True)
    except RuntimeError as error:
        check(f"{name}: the chain verifies", False, error)
    return len(load.received)


def databases_intact(data):
    """SQLite's own opinion of every database file, read after the server has stopped."""
    for path in sorted(data.glob("**/*.db")):
        with contextlib.closing(sqlite3.connect(path)) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchall()
        check(f"{path.name} is intact", verdict == [("ok",)], verdict)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=3)
    options.add_argument("--threads", type=int, default=4)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    dice = random.Random(chosen.seed)
    with running() as fixture:
        received = sum(one_kill(fixture, dice, number + 1, chosen.threads) for number in range(chosen.kills))
        check(f"{received} tokens were received in all: the load was real", received >= chosen.kills)
        fixture.server.stop()
        databases_intact(fixture.server.data)
    done()


if __name__ == "__main__":
    main()
