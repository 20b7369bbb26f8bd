#!/usr/bin/env python3
"""Removes a blueprint with very many agents in one call, kills the server in the middle, and takes it back.

Behaviour (invariants 8 and 10): a blueprint goes with its agents, their users, grants and credentials in one call, in one
transaction, under one deletion; a SIGKILL in the middle leaves all of it or none; one call brings all of it back; and
whatever happened, `signet doctor --deep` finds nothing that contradicts itself.
"""
import argparse
import concurrent.futures
import http.client
import json
import pathlib
import random
import sqlite3
import tempfile
import threading
import time
import uuid

from checks import check, done
from directory import Directory
from server import Server

AGENT = "/servicePrincipals/microsoft.graph.agentIdentity"
BATCH = 20


class Estate:
    """A tenant with one blueprint that has everything, and another that must not be touched."""

    def __init__(self, server, agents, users, threads):
        self.server, self.threads = server, threads
        self.directory = Directory(server.base, server.ca, server.create_tenant("Contoso"))
        self.directory.client._timeout = 600
        self.sponsor = self.directory.user()
        self.resource, self.resource_principal = self.directory.resource("api://orders")
        self.blueprint, self.principal = self.directory.blueprint(self.sponsor, "Large")
        self.other, _ = self.directory.blueprint(self.sponsor, "Beside")
        self.directory.password(self.blueprint)
        self.directory.call("POST", f"/applications/{self.blueprint['id']}/federatedIdentityCredentials", {
            "name": "ci", "issuer": "https://token.example", "subject": "repo:orders",
            "audiences": ["api://AzureADTokenExchange"]})
        self.neighbours = self._fill(self.other, 20)
        self.agents = self._fill(self.blueprint, agents)
        self.users = self._batches([{
            "method": "POST", "url": "/users/microsoft.graph.agentUser", "body": {
                "displayName": "clerk", "userPrincipalName": f"{uuid.uuid4().hex}@contoso.test",
                "mailNickname": uuid.uuid4().hex, "accountEnabled": True, "identityParentId": agent}}
            for agent in self.agents[:users]])
        self.grants = self._batches([{
            "method": "POST", "url": f"/servicePrincipals/{agent}/appRoleAssignments", "body": {
                "principalId": agent, "resourceId": self.resource_principal["id"],
                "appRoleId": self.resource["appRoles"][0]["id"]}} for agent in self.agents[:users]])
        # This thread's own connection was silent for as long as that took, and may be closed.
        self.directory.client.close()

    def _fill(self, blueprint, agents):
        reference = self.directory.reference("users", self.sponsor["id"])
        return self._batches([{"method": "POST", "url": AGENT, "body": {
            "displayName": f"agent {number}", "agentIdentityBlueprintId": blueprint["appId"],
            "sponsors@odata.bind": [reference]}} for number in range(agents)])

    def _batches(self, requests):
        """Sends the requests by twenties; answers the ids of what they created."""
        parts = [requests[start:start + BATCH] for start in range(0, len(requests), BATCH)]
        with concurrent.futures.ThreadPoolExecutor(self.threads) as pool:
            return [made for part in pool.map(self._batch, parts) for made in part]

    def _batch(self, requests):
        body = {"requests": [{"id": str(place), "headers": {"Content-Type": "application/json"}} | request
                             for place, request in enumerate(requests)]}
        answers = self.directory.call("POST", "/$batch", body)["responses"]
        refused = [answer for answer in answers if answer["status"] != 201]
        if refused:
            raise RuntimeError(f"not created: {refused[0]}")
        return [answer["body"]["id"] for answer in answers]

    def counts(self):
        """How many agents, agent users and grants are to be seen."""
        count = lambda path: int(self.directory.client.request(  # noqa: E731
            "GET", f"/v1.0{path}/$count", headers={"authorization": f"Bearer {self.directory.bearer()}"}).body)
        return count(AGENT), count("/users/microsoft.graph.agentUser")

    def deletions(self):
        """How many objects lie under each deletion, and how many live, read from the file itself; but for alerts, which
        come of what is done here."""
        count = "SELECT hex(deletion), count(*) FROM objects WHERE kind NOT LIKE 'alert%' GROUP BY 1"
        with sqlite3.connect(f"file:{self.server.data / 'directory.db'}?mode=ro", uri=True) as database:
            return dict(database.execute(count).fetchall())

    def remove(self):
        self.directory.call("DELETE", f"/applications/{self.blueprint['id']}")

    def restore(self):
        self.directory.call("POST", f"/directory/deletedItems/{self.blueprint['id']}/restore")

    def is_removed(self):
        """Whether the removal's transaction is committed, read from the file itself."""
        with sqlite3.connect(f"file:{self.server.data / 'directory.db'}?mode=ro", uri=True) as database:
            return database.execute("SELECT 1 FROM objects WHERE deletion IS NOT NULL LIMIT 1").fetchone() is not None

    def sound(self):
        """Whether the doctor finds nothing that contradicts itself."""
        said = json.loads(self.server.command("doctor", "--quick", "--deep", "--output", "json"))
        return next(finding for finding in said if finding["what"] == "directory")


def removal(estate):
    """Removes all and brings it back, without a kill."""
    everything, objects = estate.counts(), estate.deletions()
    begun = time.monotonic()
    estate.remove()
    taken = time.monotonic() - begun
    gone = estate.deletions()
    under = [count for deletion, count in gone.items() if deletion]
    print(f"removed {sum(under):,} objects in {taken:.1f} s", flush=True)
    check("one call removes the blueprint, its agents and their users", estate.counts() == (len(estate.neighbours), 0),
          estate.counts())
    check("all of it under one deletion, with credentials and grants",
          len(under) == 1 and under[0] >= 3 + len(estate.agents) + len(estate.users) + len(estate.grants), gone)
    check("the sweep finds no orphan after the removal", estate.sound()["state"] == "ok", estate.sound())
    begun = time.monotonic()
    estate.restore()
    print(f"restored them in {time.monotonic() - begun:.1f} s", flush=True)
    check("one call brings all of it back", estate.counts() == everything and estate.deletions() == objects,
          (estate.counts(), estate.deletions()))
    check("the sweep finds nothing after the restore", estate.sound()["state"] == "ok", estate.sound())
    return taken


def killed(estate, moment, how):
    """Removes all, and kills the server as `moment` returns, whether or not it has committed by then."""
    everything, agents = estate.counts(), len(estate.neighbours)
    answered = []

    def remove():
        try:
            estate.remove()
            answered.append(True)
        except (OSError, http.client.HTTPException):
            estate.directory.client.close()

    thread = threading.Thread(target=remove)
    thread.start()
    moment(thread)
    estate.server.kill()
    thread.join()
    estate.server.start()
    estate.directory.client.close()  # this thread's connection was to the process that is gone
    left = estate.counts()
    stood = left == (agents, 0)
    check(f"after a SIGKILL {how} all of it is there or none ({'gone' if stood else 'there'})",
          stood or (left == everything and not answered), (left, everything, answered))
    check("the sweep finds nothing after the SIGKILL", estate.sound()["state"] == "ok", estate.sound())
    if stood:
        begun = time.monotonic()
        estate.restore()
        print(f"restored in {time.monotonic() - begun:.1f} s", flush=True)
        check("what was removed before the SIGKILL comes back", estate.counts() == everything, estate.counts())
        check("the sweep finds nothing after that", estate.sound()["state"] == "ok", estate.sound())
    return stood


def killed_at_random(estate, taken, dice):
    """In the middle of the transaction, at any moment."""
    killed(estate, lambda _: time.sleep(dice.uniform(0.05, 1.0) * taken), "in the middle")


def killed_after_the_commit(estate):
    """As soon as the file shows that it is committed: the answer may never have been sent."""
    def committed(thread):
        while thread.is_alive() and not estate.is_removed():
            time.sleep(0.002)
    check("what was committed stands, whether it was answered or not", killed(estate, committed, "after the commit"))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--agents", type=int, default=2_000)
    options.add_argument("--users", type=int, help="agents that have a user and a grant; all of them unless said")
    options.add_argument("--kills", type=int, default=3)
    options.add_argument("--threads", type=int, default=8)
    options.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}")
    dice = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="signet-removal-") as folder, Server(pathlib.Path(folder)) as server:
        begun = time.monotonic()
        users = chosen.agents if chosen.users is None else chosen.users
        estate = Estate(server, chosen.agents, users, chosen.threads)
        print(f"made {chosen.agents:,} agents, {users:,} users and {users:,} grants in {time.monotonic() - begun:.0f} s",
              flush=True)
        taken = removal(estate)
        for _ in range(chosen.kills):
            killed_at_random(estate, taken, dice)
        killed_after_the_commit(estate)
        server.stop()
    done()


if __name__ == "__main__":
    main()
