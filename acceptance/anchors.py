#!/usr/bin/env python3
"""Anchors of the real server, and what an auditor finds with them.

What must hold: an anchor goes to a directory and, signed, to an HTTPS server; before an upgrade of the record, in files or in
PostgreSQL, before a restored directory is served and before a new epoch of a database others follow. Whoever holds the machine
and every key puts older files back and lets another history grow: by itself it verifies, and against the anchors it does not,
which say from where on.
"""
import json
import pathlib
import shutil
import sqlite3
import tempfile
import time

import certificates
from checks import check, done, skip
from collectors import IS_FROM_SIGNET, SECRET, Collector
from directory import Directory
from https_client import Client
from loopback_nodes import Nodes, postgres_bin
from server import Server

FILES = ("records.db", "record-log.db", "record-rows.db")


class Keeper(Collector):
    """Keeps what is signed as Standard Webhooks have it."""

    def _anchors(self, name, _url, headers, body):
        if not IS_FROM_SIGNET(SECRET, headers, body) or IS_FROM_SIGNET(SECRET, headers, body + b" "):
            self.wrong.append("signature")
            return 401, {}
        self._keep(name, [json.loads(body) | {"id": headers["webhook-id"]}])
        return 202, {}


def config(folder, keeper):
    (folder / "secret").write_text(SECRET + "\n")
    return f"""
[fetch]
allow = ["localhost:{keeper.port}"]
extra_ca = ["{folder}/peer-ca.pem"]

[transparency]
anchor_dir = "{folder}/anchors"
anchor_url = "{keeper.base}/anchors"
anchor_secret_file = "{folder}/secret"
"""


class Scene:
    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.tenant = server.create_tenant("Contoso")
        self.id = self.tenant["tenantId"]
        self.directory = Directory(server.base, server.ca, self.tenant)

    def write(self, people):
        """Some records, and how many the log then states."""
        before = self.size()
        for number in range(people):
            self.directory.user(f"p{time.monotonic_ns()}x{number}")
        give_up = time.monotonic() + 30
        while self.size() < before + people and time.monotonic() < give_up:
            time.sleep(0.3)
        time.sleep(2)
        return self.size()

    def size(self):
        try:
            return int(self.server.command("logs", "checkpoint").split("\n")[1])
        except RuntimeError:
            return 0

    def anchors(self):
        return sorted((self.folder / "anchors" / self.id).glob("*.checkpoint"), key=lambda path: int(path.stem.split("-")[-1]))

    def restart(self, between):
        self.directory.client.close()
        self.server.stop()
        between()
        self.server.start()

    def verify(self, *checkpoints):
        """What is wrong, if anything is."""
        try:
            self.server.command("logs", "verify", *(word for path in checkpoints for word in ("--checkpoint", path)))
            return None
        except RuntimeError as error:
            return str(error)


def until(condition, wait=30):
    give_up = time.monotonic() + wait
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.2)
    return condition()


def both_sinks(scene, keeper):
    # Anchors are looked after at the start and every ten minutes.
    scene.restart(lambda: None)
    until(lambda: scene.anchors() and keeper.got["anchors"])
    [file], sent = scene.anchors(), [event for _, event in keeper.got["anchors"]]
    check("an anchor lies in the directory and was sent", len(sent) == 1 and not keeper.wrong, (sent, keeper.wrong))
    check("both are the same checkpoint of the tenant's log", sent and sent[0]["data"] == {
        "tenantId": scene.id, "name": file.name, "checkpoint": file.read_text()}, sent)
    scene.restart(lambda: None)
    check("after a start another of the day is sent", until(lambda: len(keeper.got["anchors"]) == 2)
          and len({event["data"]["name"][:10] for _, event in keeper.got["anchors"]}) == 1 and not keeper.wrong,
          keeper.got["anchors"])


def by_hand(scene):
    """Another, of a larger tree."""
    scene.write(5)
    scene.server.command("logs", "anchor", "--config", scene.server.config)
    return scene.anchors()[-1]


def before_an_upgrade(scene):
    scene.write(3)
    count = len(scene.anchors())
    scene.restart(lambda: None)
    check("a start that changes nothing puts none", len(scene.anchors()) == count)

    def older():
        records = sqlite3.connect(scene.server.data / "records.db")
        version = records.execute("PRAGMA user_version").fetchone()[0]
        # What the last step made, unmade.
        for table in ("removed", "erasures"):
            records.execute(f"DROP TABLE {table}")
        records.execute(f"PRAGMA user_version = {version - 1}")
        records.commit()
        records.close()

    scene.restart(older)
    check("before an upgrade of the record there is another", len(scene.anchors()) == count + 1, scene.server.last_words()[-300:])


def rewritten(scene):
    """Older files put back, and other records signed over them."""
    [*_, known] = scene.anchors()
    kept = scene.folder / "older"
    kept.mkdir()
    scene.restart(lambda: [shutil.copy(scene.server.data / name, kept) for name in FILES])
    scene.write(4)
    anchor = by_hand(scene)
    check("the record verifies against every anchor", scene.verify(*scene.anchors()) is None, scene.verify(*scene.anchors()))

    def put_back():
        for name in FILES:
            for beside in ("-wal", "-shm"):
                (scene.server.data / (name + beside)).unlink(missing_ok=True)
            shutil.copy(kept / name, scene.server.data)

    scene.restart(put_back)
    scene.write(30)
    check("the other history is without a fault by itself", scene.verify() is None, scene.verify())
    check("and against what was anchored before", scene.verify(known) is None, scene.verify(known))
    said = scene.verify(*scene.anchors()) or ""
    sound = int(known.stem.split("-")[-1])
    check("against the later anchor it is not, and it is said from where on",
          "the history was rewritten" in said and f"behind leaf {sound}" in said
          and f"checkpoint of {anchor.stem.split('-')[-1]} leaves" in said, (said, known, anchor))


def before_a_restore(scene):
    backup, to = scene.folder / "backup", scene.folder / "restored"
    scene.server.command("backup", backup)
    scene.write(2)
    shutil.rmtree(scene.folder / "anchors" / scene.id)
    scene.server.stop()
    restored = Server(scene.folder / "other", scene.server.config.read_text())
    restored.data = to
    restored.command("restore", backup, "--master-key", scene.server.data / "master.key", "--config", scene.server.config)
    found = scene.anchors()
    check("what was restored is anchored before it is served", len(found) == 1 and "-e" not in found[0].name, found)


def in_a_database(folder):
    """Before a command or a start brings the record's tables up to date, and before a new epoch."""
    folder.mkdir()
    for each in (folder.parent, folder):
        each.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder, 1)
    [node] = cluster.nodes
    node.config.write_text(node.config.read_text() + f'\n[transparency]\nanchor_dir = "{folder}/anchors"\n')

    def older():
        # What the last step made, unmade.
        cluster.postgres.sql("DROP FUNCTION record_remove; DROP TABLE record_removed, record_erasures;"
                             "UPDATE record_schema SET version = version - 1")

    try:
        cluster.start()
        scene = Scene(folder, node)
        scene.directory.client = Client(node.base, node.ca, at=node.at)
        until(lambda: scene.size() > 0)
        scene.write(3)
        count = len(scene.anchors())
        node.stop()
        node.command("database", "migrate", "--config", node.config)
        check("a command that changes nothing puts none", len(scene.anchors()) == count, scene.anchors())
        older()
        node.command("database", "migrate", "--config", node.config)
        check("before a database is upgraded there is another", len(scene.anchors()) == count + 1, scene.anchors())
        scene.restart(lambda: None)
        scene.write(3)
        count = len(scene.anchors())
        scene.restart(older)
        check("also before a start upgrades it", len(scene.anchors()) == count + 1, (scene.anchors(), node.last_words()[-300:]))
        check("the record verifies against every anchor", scene.verify(*scene.anchors()) is None, scene.verify(*scene.anchors()))
        scene.write(3)
        node.stop()
        count, last = len(scene.anchors()), scene.anchors()[-1]
        node.command("database", "new-epoch", "--config", node.config)
        check("before a new epoch there is another, of the log that ends", len(scene.anchors()) == count + 1
              and scene.anchors()[-1] != last and "-e" not in scene.anchors()[-1].name, scene.anchors())
    finally:
        cluster.kill()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-anchors-"))
    certificates.authority(folder)
    try:
        with Keeper(folder) as keeper, Server(folder / "server", config(folder, keeper)) as server:
            scene = Scene(folder, server)
            until(lambda: scene.size() > 0)
            both_sinks(scene, keeper)
            by_hand(scene)
            before_an_upgrade(scene)
            rewritten(scene)
            before_a_restore(scene)
        if postgres_bin():
            in_a_database(folder / "shared")
        else:
            skip("anchors before an upgrade of a database", "no PostgreSQL server is installed (apt-get install postgresql)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    done()


if __name__ == "__main__":
    main()
