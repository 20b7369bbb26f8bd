#!/usr/bin/env python3
"""Disables the agent or its blueprint's principal at random moments under load.

Behaviour (invariant 1): no token is issued to a request that started after the acknowledgement; a token from before is
inactive from then on, and stays so when the principal is enabled again. Repeat a run with the seed it prints.
"""
import argparse
import itertools
import random
import threading
import time

from background import Background
from checks import check, done
from directory import TokenClient
from fixture import RESOURCE, running
from https_client import Client

SCOPE = f"{RESOURCE}/.default"


def token_client(fixture):
    """The agent's two steps with the fixture's blueprint."""
    return TokenClient(fixture.directory, fixture.server.ca, fixture.blueprint["appId"], fixture.blueprint_secret)


class Issued:
    """A token with the moment its request started."""

    def __init__(self, started, token):
        self.started, self.token = started, token


class Load(Background):
    """Threads that take both steps without pause; they keep every token and when it was asked for."""

    def __init__(self, fixture, threads):
        super().__init__([(self._run, number) for number in range(threads)])
        self._fixture, self._lock = fixture, threading.Lock()
        self._kept, self.surprises = {"first": [], "second": []}, []
        self._finished = [0.0] * threads

    def take(self):
        """The tokens so far, which are then forgotten."""
        with self._lock:
            taken, self._kept = self._kept, {"first": [], "second": []}
            return taken["first"], taken["second"]

    def every_thread_began_after(self, moment, wait=30):
        """Waits until each thread has finished a round that began after `moment`."""
        give_up = time.monotonic() + wait
        while min(self._finished) <= moment:
            if time.monotonic() > give_up:
                raise RuntimeError("the load has stalled")
            time.sleep(0.001)

    def _run(self, number):
        tokens, agent = token_client(self._fixture), self._fixture.agent["id"]
        t1 = None
        while not self.over.is_set():
            begun = time.monotonic()
            # A T1 from before the disable must not help either, so the last round's is presented first.
            if t1:
                self._ask("second", tokens.second_step, agent, t1, SCOPE)
            t1 = self._ask("first", tokens.first_step, agent) or t1
            if t1:
                self._ask("second", tokens.second_step, agent, t1, SCOPE)
            self._finished[number] = begun

    def _ask(self, step, request, *words):
        started = time.monotonic()
        answer = request(*words)
        if answer.status != 200:
            if answer.status not in (400, 401):
                self.surprises.append(answer)
            return None
        token = answer.json()["access_token"]
        with self._lock:
            self._kept[step].append(Issued(started, token))
        return token


class Introspection:
    """The resource's own question about a token."""

    def __init__(self, fixture):
        self._client = Client(fixture.server.base, fixture.server.ca)
        self._path = f"/{fixture.tenant['tenantId']}/oauth2/v2.0/introspect"
        self._resource = {"client_id": fixture.resource["appId"], "client_secret": fixture.resource_secret}

    def active(self, token):
        answer = self._client.form(self._path, self._resource | {"token": token})
        if answer.status != 200:
            raise RuntimeError(f"introspection: {answer}")
        return answer.json()["active"]


class Tally:
    """What all rounds together showed."""

    def __init__(self):
        self.late = self.alive = self.revived = self.redeemed = self.dead = self.before = self.inspected = 0


def one_disable(fixture, load, dice, introspection, tokens, principal, tally):
    """One turn of the switch: off, watched, judged, on, judged again."""
    directory = fixture.directory
    load.every_thread_began_after(time.monotonic())
    time.sleep(dice.uniform(0, 0.03))
    directory.enable(principal, False)
    acknowledged = time.monotonic()
    load.every_thread_began_after(acknowledged)
    first, second = load.take()
    tally.late += sum(issued.started > acknowledged for issued in first + second)
    tally.before += len(first) + len(second)
    old = dice.sample(second, min(3, len(second)))
    tally.inspected += len(old)
    tally.alive += sum(introspection.active(issued.token) for issued in old)
    directory.enable(principal, True)
    tally.revived += sum(introspection.active(issued.token) for issued in old)
    agent = fixture.agent["id"]
    tally.redeemed += sum(tokens.second_step(agent, issued.token, SCOPE).status == 200 for issued in first[-1:])
    load.take()
    enabled = time.monotonic()
    load.every_thread_began_after(enabled)
    _, fresh = load.take()
    fresh = [issued for issued in fresh if issued.started > enabled]
    tally.dead += not fresh or not introspection.active(fresh[-1].token)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--disables", type=int, default=20)
    options.add_argument("--threads", type=int, default=4)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    dice, tally = random.Random(chosen.seed), Tally()
    with running() as fixture:
        principals = itertools.cycle([fixture.agent, fixture.blueprint_principal])
        with Load(fixture, chosen.threads) as load:
            introspection, tokens = Introspection(fixture), token_client(fixture)
            for _, principal in zip(range(chosen.disables), principals):
                one_disable(fixture, load, dice, introspection, tokens, principal, tally)
        fixture.server.stop()
    check(f"{chosen.disables} disables, {tally.before} tokens around them: none issued after an acknowledgement",
          tally.late == 0, f"{tally.late} issued late")
    check(f"{tally.inspected} tokens from before are inactive after the acknowledgement", tally.alive == 0,
          f"{tally.alive} still active")
    check("enabling again revives none of them", tally.revived == 0, f"{tally.revived} active again")
    check("nor is a T1 from before redeemed afterwards", tally.redeemed == 0, f"{tally.redeemed} redeemed")
    check("enabling again lets new tokens be issued, and they are active", tally.dead == 0, f"{tally.dead} rounds without")
    check("the load was real", tally.before >= chosen.disables and tally.inspected >= chosen.disables // 2, vars(tally))
    check("every refusal was an OAuth error", not load.surprises, load.surprises[:2])
    done()


if __name__ == "__main__":
    main()
