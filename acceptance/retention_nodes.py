#!/usr/bin/env python3
"""Lets logs grow old on two nodes over one PostgreSQL, in a role that may do no more than is documented.

- records that were written through both leave, each in one tombstone, whichever node removes them, and both say so;
- questions in KQL find on neither node what was removed, and on both what is young, though each keeps columns of its own;
- a legal hold that was set through one node binds the other, and its release too;
- SIGKILL of either node while both purge: every record is there once, or removed by one tombstone;
- the nodes' role may delete nothing by itself, and what the owner removes without a tombstone is found from either node.

`--records` is how many are there before anything is old: from 10,000 on the columns are segments, not only tails. Purges go on a
minute after a SIGKILL of whoever had the lease in hand; kills come three at a time, and the next wait for that.

    retention_nodes.py [--kills N] [--records N] [--seed S]
"""
import argparse
import pathlib
import random
import shutil
import tempfile
import time
import uuid

from background import Background
from checks import check, done, expect, skip
from directory import Directory, Refused, TokenClient
from https_client import Client
from loopback_nodes import Nodes, OwnedPostgres, postgres_bin
from retention import Moment, Writer, audits, config, entries_kept, eventually, sound, verified

LONG, SECONDS = 3600, 4
BATCH, AT_ONCE, LATE = 20, 3, 40
# What a purge removes and what it reads, by the names of the tables.
TABLES = ("AuditLogs", "AADServicePrincipalSignInLogs")
KEPT_FOR_EVER = ("record_frames", "record_rows", "record_removed", "record_log_entries", "record_log_spans", "record_checkpoints")
EVERYTHING = """SELECT 'here', id, 0, 0 FROM record_frames WHERE tenant = '{tenant}'
UNION ALL SELECT 'gone', id, 0, 0 FROM record_removed WHERE tenant = '{tenant}'
UNION ALL SELECT 'logged', frame, first_leaf, count FROM record_log_spans WHERE tenant = '{tenant}'"""


class Asker(Directory):
    """The administrator of the tenant, at one of the nodes."""

    def __init__(self, node, tenant):
        super().__init__(node.base, node.ca, tenant)
        self.node, self.client = node, Client(node.base, node.ca, 60, node.at)

    def ask(self, query):
        """The first column of what KQL finds."""
        answer = self.client.json("POST", f"/v1/workspaces/{self.tenant}/query", {"query": query}, self.bearer())
        if answer.status != 200:
            raise Refused(f"{query}: {answer}")
        return [row[0] for row in answer.json()["tables"][0]["rows"]]

    def ids(self, table):
        """Of a table's records."""
        return sorted(self.ask(f"{table} | project Id"))

    def targets(self):
        """Whom audit records are about."""
        return set(self.ask("AuditLogs | mv-expand TargetResources | project tostring(TargetResources.id)"))


class Scene:
    """Two nodes, a tenant, and an agent whose tokens are recorded."""

    def __init__(self, folder):
        self.cluster = Nodes(folder, 2, OwnedPostgres)
        self.sql, self.nodes = self.cluster.postgres.sql, self.cluster.nodes
        self._plain = self.nodes[0].config.read_text()
        # Frames that a hold came for when they were about to leave.
        self.held = set()

    def seed(self):
        for node in self.nodes:
            node.config.write_text(self._plain + config(LONG))
        self.cluster.start()
        self.house = self.nodes[0].create_tenant("Contoso")
        self.tenant = self.house["tenantId"]
        self.askers = [Asker(node, self.house) for node in self.nodes]
        directory = self.askers[0]
        ada = directory.user()
        self.blueprint, _ = directory.blueprint(ada)
        self.agent = directory.agent(self.blueprint, ada)
        self.secret = directory.password(self.blueprint)

    def restarted(self, seconds, *nodes):
        """Has records be kept for so long, on these nodes or all."""
        for node in nodes or self.nodes:
            node.stop()
            node.config.write_text(self._plain + config(seconds))
            node.start()
        self.connect_anew()

    def connect_anew(self):
        for asker in self.askers:
            asker.client.close()

    def write(self, records):
        """Audit records and sign-ins through both nodes."""
        steps = [TokenClient(asker, asker.node.ca, self.blueprint["appId"], self.secret) for asker in self.askers]
        for asker, tokens in zip(self.askers, steps):
            tokens.client = asker.client

        def some(asker, tokens):
            for _ in range(0, records, 2 * BATCH * len(self.askers)):
                people = [uuid.uuid4().hex for _ in range(BATCH)]
                asker.call("POST", "/$batch", {"requests": [{
                    "id": nick, "method": "POST", "url": "/users", "headers": {"Content-Type": "application/json"}, "body": {
                        "displayName": nick, "userPrincipalName": f"{nick}@contoso.test", "mailNickname": nick,
                        "accountEnabled": True}} for nick in people]})
                tokens.first_step(self.agent["id"])

        with Background([(some, *one) for one in zip(self.askers, steps)]):
            pass

    def moment(self):
        """What the database holds, all of it at one moment."""
        rows = [line.split("|") for line in self.sql(EVERYTHING.format(tenant=self.tenant)).split()]
        here, gone = ({int(frame) for kind, frame, *_ in rows if kind == which} for which in ("here", "gone"))
        return Moment(here, gone, {int(frame): (int(first), int(count)) for kind, frame, first, count in rows if kind == "logged"})

    def naming(self, person):
        """The frames of audit records that name somebody."""
        rows = self.sql(f"SELECT id FROM record_frames WHERE tenant = '{self.tenant}' AND table_name = 'AuditLogs' "
                        f"AND position('{person}'::bytea IN body) > 0")
        return set(map(int, rows.split()))

    def stored(self, table):
        """The ids of a table's records, as the database has them."""
        rows = self.sql(f"SELECT id FROM record_rows WHERE tenant = '{self.tenant}' AND table_name = '{table}'")
        return sorted(rows.split())

    def verify(self, when, *nodes):
        """Verifies from these nodes, or all, and compares with what the database held before."""
        for node in nodes or self.nodes:
            moment = self.moment()
            report = expect(f"`signet logs verify` passes at {node.name}{when}", lambda: verified(node))
            if report:
                sound(moment, report, f"{when}, says {node.name}", self.held)
        return report

    def same(self, when, wait=60):
        """Both nodes find exactly what is stored."""
        for table in TABLES:
            look = lambda: all(asker.ids(table) == self.stored(table) for asker in self.askers)
            check(f"both nodes find of {table} exactly what is stored{when}", eventually(look, wait),
                  [len(self.stored(table)), *(len(asker.ids(table)) for asker in self.askers)])

    def find(self, wanted):
        """Whether each node finds what is wanted, and on neither is anything else of it: ids of principals, and whether."""
        return all(all((one in found) == is_there for one, is_there in wanted.items())
                   for found in (asker.targets() for asker in self.askers))


def segments(node):
    """Files of columns that a node keeps over restarts."""
    return sorted(path.name for path in (node.data / "log-columns" / "segments").rglob("*") if path.is_file())


def grown(scene, records):
    """Written through both, found through both."""
    scene.write(records)
    check("records were written through both", len(scene.stored("AuditLogs")) >= records / 2, len(scene.stored("AuditLogs")))
    scene.same(" that was written through both")
    if records >= 10_000:
        check("each node keeps segments of its own", eventually(lambda: all(map(segments, scene.nodes)), 60))


def held(scene):
    """What a hold of one node's keeps, the other does not remove."""
    first, second = scene.nodes
    ours, theirs = (asker.user("held") for asker in scene.askers)
    other = scene.askers[1].user("other")
    hold = expect("a legal hold is set through one node", lambda: scene.askers[0].call("POST", "/security/legalHolds", {
        "displayName": "Case 7", "caseId": "7", "reason": "Preservation notice", "principalId": theirs["id"]}))
    young = {one["id"]: True for one in (ours, theirs, other)}
    check("what is young is found on both nodes", eventually(lambda: scene.find(young), 60))
    first.stop()
    before = len(scene.moment().gone)
    scene.restarted(SECONDS, second)
    asker = scene.askers[1]
    expect("the other node alone removes what is old", lambda: eventually(lambda: other["id"] not in asker.targets(), 180))
    check("but not what is held", theirs["id"] in asker.targets() and ours["id"] not in asker.targets())
    check("and it was removed from the database", len(scene.moment().gone) > before)
    scene.restarted(SECONDS, first)
    gone = {other["id"]: False, ours["id"]: False, theirs["id"]: True}
    check("neither finds what was removed, both what is held", eventually(lambda: scene.find(gone), 60))
    scene.verify(" after one node purged")
    return hold, theirs


def at_the_last_moment(scene, dice):
    """Holds that are set while both nodes are about to remove what they name: what was there when one was set, stays."""
    people = [dice.choice(scene.askers).user("late") for _ in range(LATE)]
    begun, kept, holds = time.monotonic(), set(), []
    for at, person in sorted((dice.uniform(SECONDS - 1, SECONDS + 5), person["id"]) for person in people):
        time.sleep(max(0, begun + at - time.monotonic()))
        asker = dice.choice(scene.askers)
        hold = {"displayName": "Late", "caseId": "8", "reason": "Preservation notice", "principalId": person}
        for _ in range(300):
            before = scene.naming(person)
            answer = asker.client.json("POST", "/v1.0/security/legalHolds", hold, asker.bearer())
            if answer.status != 503:  # while a purge removes, none is set
                break
            time.sleep(0.1)
        there = scene.naming(person)
        holds.append(answer)
        scene.held |= before
        kept |= before & there
    refused = [answer for answer in holds if answer.status != 201]
    check(f"{LATE} legal holds are set at the last moment", not refused, refused)
    later = scene.askers[0].user("later")["id"]
    check("what is younger leaves", eventually(lambda: scene.naming(later), 3) and eventually(lambda: not scene.naming(later), 120))
    lost = kept - scene.moment().here
    check(f"none of {len(kept)} frames leaves that were there when a hold of theirs was set", kept and not lost, lost)
    return [answer.json() for answer in holds if answer.status == 201]


def released(scene, holds, kept):
    """Released through a node, whichever set it."""
    check("it is still held on both", scene.find({kept["id"]: True}))
    for hold in holds:
        scene.askers[0].call("DELETE", f"/security/legalHolds/{hold['id']}")
    check("released, it leaves both nodes", eventually(lambda: scene.find({kept["id"]: False}), 120))


def killed(scene, kills, dice):
    """SIGKILL of either node, while there is always something to purge."""
    writers = [Writer(Asker(node, scene.house)) for node in scene.nodes]
    with writers[0], writers[1]:
        for number in range(kills):
            if number % AT_ONCE == 0:
                before = len(scene.moment().gone)
                check("purges go on", eventually(lambda: len(scene.moment().gone) > before, 120))
            time.sleep(dice.uniform(0.1, 3.0))
            node = dice.choice(scene.nodes)
            node.kill()
            other, = (one for one in scene.nodes if one is not node)
            scene.verify(f" while {node.name} is dead ({number + 1})", other)
            node.start()
    scene.connect_anew()
    made = [len(writer.made) for writer in writers]
    check("records were made through both all the while", min(made) > kills, made)
    before = len(scene.moment().gone)
    check("purges go on after the last of them", eventually(lambda: len(scene.moment().gone) > before, 120))


def stated(scene):
    """One audit record for each purge, whichever node did it."""
    report = scene.verify(" in the end")
    purges = report["logs"][0]["purges"]
    check("verification names what was purged, when and why",
          purges and all(purge["records"] and purge["at"] and purge["reason"] == "retention" for purge in purges), purges)
    names = sorted(purge["auditRecord"] for purge in purges)
    for asker in scene.askers:
        found = sorted(record["id"] for record in audits(asker, "Purge log records"))
        check(f"each of {len(names)} purges is one audit record, says {asker.node.name}", found == names, (len(found), len(names)))
    for node in scene.nodes:
        said = node.contradictions()
        check(f"the sweep over the whole store finds nothing at {node.name}", said is None, said)


def by_the_role(scene):
    """What the nodes' role may do to records by itself."""
    refuses = scene.cluster.postgres.refuses
    for table in KEPT_FOR_EVER:
        for text in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            said = refuses(text, "signet_node")
            check(f"a node's role may not: {text}", "permission denied" in said, said)
    for column in ("body", "keys", "hash"):
        said = refuses(f"UPDATE record_frames SET {column} = {column}", "signet_node")
        check(f"nor change the {column} of a frame", "permission denied" in said, said)
    before = scene.moment()
    frame = max(before.here & before.logged.keys())
    count = scene.sql(f"SELECT record_remove('{scene.tenant}', '{{{frame}}}', '{{0}}', '{{{2**62}}}')", role="signet_node").strip()
    check("and no frame leaves whose entries are not kept", count == "0" and frame in scene.moment().here, count)


def by_the_owner(scene):
    """What the owner removes is found: without a trace, and with all that a purge leaves but the tombstone."""
    moment = scene.moment()
    frame = max(moment.here & moment.logged.keys())
    scene.sql(f"CREATE TABLE put_aside AS SELECT * FROM record_frames WHERE id = {frame}", role="signet_owner")
    scene.sql(f"DELETE FROM record_frames WHERE id = {frame}", role="signet_owner")
    found_missing(scene, "a frame that the owner removed is found", "")
    scene.sql("INSERT INTO record_frames SELECT * FROM put_aside", role="signet_owner")
    scene.verify(" once it is there again")
    names = ("table_name", "writer", "seq", "first", "count", "prev", "hash", "keys", "body")
    row = dict(zip(names, scene.sql(f"SELECT {', '.join(names)} FROM put_aside").strip().split("|")))
    row |= {name: bytes.fromhex(row[name].removeprefix("\\x")) for name in ("prev", "hash", "keys", "body")}
    row |= {name: int(row[name]) for name in ("seq", "first", "count")} | {"writer": uuid.UUID(row["writer"]).bytes}
    first, _ = moment.logged[frame]
    scene.sql(f"INSERT INTO record_log_entries VALUES ('{scene.tenant}', {first}, '\\x{entries_kept(row).hex()}')", role="signet_owner")
    scene.sql(f"SELECT record_remove('{scene.tenant}', '{{{frame}}}', '{{0}}', '{{{2**62}}}')", role="signet_owner")
    check("the removal was forged as it should be", frame in scene.moment().gone)
    found_missing(scene, "as is one with everything but a tombstone", "no purge states")


def found_missing(scene, name, words):
    for node in scene.nodes:
        try:
            check(f"{name} from {node.name}", False, verified(node)["logs"])
        except RuntimeError as error:
            check(f"{name} from {node.name}", words in str(error), error)
            print(f"     {str(error).splitlines()[-1]}", flush=True)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--kills", type=int, default=3)
    words.add_argument("--records", type=int, default=200)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    words.add_argument("--keep", action="store_true", help="leave data and logs behind and say where")
    given = words.parse_args()
    if not postgres_bin():
        skip("logs that grow old over two nodes", "no PostgreSQL server is installed (apt-get install postgresql)")
        return done()
    print(f"seed {given.seed}", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-retention-nodes-"))
    folder.chmod(0o755)  # the database runs as another user
    scene, dice = Scene(folder), random.Random(given.seed)
    try:
        scene.seed()
        grown(scene, given.records)
        hold, kept = held(scene)
        holds = [hold, *at_the_last_moment(scene, dice)]
        killed(scene, given.kills, dice)
        released(scene, holds, kept)
        scene.restarted(LONG)
        scene.same(" after all of it")
        stated(scene)
        by_the_role(scene)
        by_the_owner(scene)
    finally:
        scene.cluster.kill()
        if given.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return done()


if __name__ == "__main__":
    main()
