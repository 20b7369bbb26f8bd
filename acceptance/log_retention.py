#!/usr/bin/env python3
"""Lets logs grow old on the real server, in seconds that the configuration says: what is too old leaves with a tombstone, what
is held stays, what is archived comes back proved, and SIGKILL in the middle of it loses and doubles nothing.

- records of several tables leave, `signet logs verify` passes, names each purge, and each is an audit record that is proved;
- a legal hold keeps what names a principal; released, it leaves, and both are on record; whom the logs watch may set none;
- a retention that a tenant says counts: longer at once, shorter not at all before its time;
- a removal that no tombstone states is found, though whoever removed keeps everything else as it should be;
- an S3-compatible server (moto) has what left before it leaves, as Parquet with its proof; a byte changed there is found;
- SIGKILL at random moments: every record is there once, or removed by one tombstone.

    log_retention.py [--kills N] [--seed S]
"""
import argparse
import base64
import contextlib
import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import boto3
import duckdb

import certificates
from checks import check, done, expect
from directory import Directory
from retention import Moment, Writer, audits, config, entries_kept, eventually, refused, sound, verified
from server import Server, free_port

SECONDS = 4
# What of a frame stays when it is removed.
REMOVED = ("table_name", "writer", "seq", "at", "first", "count", "prev", "hash")


def targets(directory):
    """The ids that audit records name, of what is still there."""
    found = directory.pages("/auditLogs/directoryAudits?$top=500")
    return {target["id"] for record in found for target in record["targetResources"]}


def quiet_verify(server, kills=""):
    """Verifies, and looks at the files: every record is there once, or removed once and stated once."""
    with contextlib.closing(sqlite3.connect(f"file:{server.data}/record-log.db?mode=ro", uri=True)) as of_log:
        logged = {frame: (first, count) for frame, first, count in of_log.execute("SELECT frame, first_leaf, count FROM log_spans")}
    with contextlib.closing(sqlite3.connect(f"file:{server.data}/records.db?mode=ro", uri=True)) as record:
        rows = record.execute("SELECT id, 1 FROM frames UNION ALL SELECT id, 0 FROM removed").fetchall()
    here, gone = ({frame for frame, there in rows if there == which} for which in (1, 0))
    report = verified(server)
    sound(Moment(here, gone & logged.keys(), logged), report, kills)
    return report


def removed(server):
    """How many frames were removed."""
    return sum(log["removed"] for log in verified(server)["logs"])


def purged(server, tables):
    """Waits until records of so many tables were removed."""
    return eventually(lambda: len({purge["table"] for log in verified(server)["logs"] for purge in log["purges"]}) >= tables)


def waits_for_readers(folder):
    """A sink whose receiver is gone holds records back, and not for ever."""
    (folder / "secret").write_text("whsec_c2lnbmV0")
    sink = f"""
[exports.gone]
to = "webhook"
url = "https://127.0.0.1:{free_port()}/hook"
secret_file = "{folder / 'secret'}"
[fetch]
allow = ["127.0.0.1"]
"""
    server = Server(folder / "waits", config(SECONDS, wait=30, more=sink))
    server.start()
    try:
        tenant = server.create_tenant("Contoso")
        directory = Directory(server.base, server.ca, tenant)
        mark = directory.user("unread")
        time.sleep(3 * SECONDS)
        check("what a sink has not taken stays, though it is old", removed(server) == 0 and mark["id"] in targets(directory))
        server.stop()
        server.config.write_text(config(SECONDS, wait=0, more=sink))
        server.start()
        directory = Directory(server.base, server.ca, tenant)
        expect("but not for longer than the operator says",
               lambda: eventually(lambda: mark["id"] not in targets(directory) and removed(server) > 0))
        quiet_verify(server, " though a sink stands still")
    finally:
        server.kill()


def leaves_and_stays(folder):
    """Records of several tables; a hold; a tenant's own word; release."""
    server = Server(folder / "plain", config(SECONDS))
    server.start()
    try:
        tenant = server.create_tenant("Contoso")
        directory = Directory(server.base, server.ca, tenant)
        held, other = directory.user("held"), directory.user("other")
        hold = expect("a legal hold is set", lambda: directory.call("POST", "/security/legalHolds", {
            "displayName": "Case 7", "caseId": "7", "reason": "Preservation notice", "principalId": held["id"]}))
        check("and says who set it and for what", hold and hold["caseId"] == "7" and hold["setBy"], hold)
        nobody = directory.client.json("PATCH", f"/v1.0/security/legalHolds/{hold['id']}",
                                       {"principalId": other["id"]}, directory.bearer())
        check("what it holds is not changed", nobody.status == 400, nobody)
        before = targets(directory)
        check("both were recorded", {held["id"], other["id"]} <= before)
        expect("old records of several tables leave", lambda: purged(server, 2))
        eventually(lambda: other["id"] not in targets(directory))
        now = targets(directory)
        check("what is held stays, what is not is gone", held["id"] in now and other["id"] not in now, now)
        report = quiet_verify(server)
        log = report["logs"][0]
        check("verification names what was purged, when and why",
              log["purges"] and all(purge["records"] and purge["at"] and purge["reason"] == "retention"
                                    for purge in log["purges"]), log["purges"])
        statements = audits(directory, "Purge log records")
        stated = {purge["auditRecord"] for purge in log["purges"]}
        check("each purge is an audit record, and stays", stated <= {record["id"] for record in statements}, stated)
        one = sorted(stated)[0]
        proof = expect("and is proved", lambda: server.command("logs", "proof", one, "--table", "AuditLogs"))
        check("with a checkpoint", proof and "c2sp.org/tlog-proof" in proof, proof)
        words = "signet logs verify"
        printed = server.command("logs", "verify")
        check(f"`{words}` shows it to people", "PURGED" in printed and one in printed, printed)

        directory.call("DELETE", f"/security/legalHolds/{hold['id']}")
        expect("released, it leaves", lambda: eventually(lambda: held["id"] not in targets(directory)))
        check("and that it was released is on record", eventually(lambda: audits(directory, "Release legal hold")))
        quiet_verify(server, " after a release")
        tenants_word(server, directory)
        server.stop()
        removed_by_nobody(server, folder)
    finally:
        server.kill()


def tenants_word(server, directory):
    """What a tenant says of a table."""
    def refusal(table, **members):
        answer = directory.client.json("POST", "/v1.0/security/logTables", {"displayName": table, **members},
                                       directory.bearer())
        return answer.status

    check("a table that keeps nothing has no retention", refusal("AgentsInfo", retentionInDays=90) == 400)
    check("a total below the retention is refused",
          refusal("AuditLogs", retentionInDays=90, totalRetentionInDays=30) == 400)
    said = expect("a tenant keeps its audits for longer", lambda: directory.call("POST", "/security/logTables", {
        "displayName": "AuditLogs", "retentionInDays": 90}))
    check("at once", said and said.get("effectiveDateTime") is None, said)
    mark = directory.user("kept")
    before = removed(server)
    # Sign-ins and calls go on leaving: a purge after the mark is old enough passes it over.
    eventually(lambda: time.sleep(SECONDS + 2) or removed(server) > before, 60)
    check("and they stay", mark["id"] in targets(directory))
    shorter = expect("shortened", lambda: directory.call("PATCH", f"/security/logTables/{said['id']}", {"retentionInDays": 2}), lambda _: True)
    now = directory.call("GET", f"/security/logTables/{said['id']}")
    check("it counts after a while", now["retentionInDays"] == 2 and now["effectiveDateTime"], (shorter, now))
    gone = directory.client.json("DELETE", f"/v1.0/security/logTables/{said['id']}", None, directory.bearer())
    check("and is not reset to less at a stroke", gone.status in (400, 409), gone)


def removed_by_nobody(server, folder):
    """Somebody who has the files removes a record and forges all that a purge leaves, but the tombstone."""
    data = folder / "forged"
    shutil.copytree(server.data, data, ignore=shutil.ignore_patterns("*.sock", "log-columns", "tls"))
    verify = ("logs", "verify", "--directory", data, "--key", server.command("logs", "checkpoint", "--key").strip())
    check("a copy verifies", refused(*verify) == "", refused(*verify))
    record, log = sqlite3.connect(data / "records.db"), sqlite3.connect(data / "record-log.db")
    logged = [row[0] for row in log.execute("SELECT frame FROM log_spans")]
    record.row_factory = sqlite3.Row
    [*_, row] = [row for row in record.execute("SELECT * FROM frames ORDER BY id") if row["id"] in logged]
    frame, tenant = row["id"], row["tenant"]
    leaf = log.execute("SELECT first_leaf FROM log_spans WHERE frame = ?", (frame,)).fetchone()[0]
    log.execute("INSERT INTO log_entries (tenant, first_leaf, entries) VALUES (?, ?, ?)", (tenant, leaf, entries_kept(row)))
    number = record.execute("SELECT coalesce(max(number), 0) + 1 FROM removed WHERE tenant = ?", (tenant,)).fetchone()[0]
    record.execute("INSERT INTO removed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   (tenant, number, frame, *(row[name] for name in REMOVED), row["at"], row["at"]))
    record.execute("DELETE FROM frames WHERE id = ?", (frame,))
    for database in (record, log):
        database.commit()
        database.close()
    words = refused(*verify)
    check("a removal that no tombstone states is found", "no purge states" in words, words)


class Bucket:
    """An S3-compatible server over TLS, with one bucket."""

    def __init__(self, folder):
        certificates.authority(folder)
        self.port, self.folder = free_port(), folder
        (folder / "s3-secret").write_text("moto-secret\n")
        server = pathlib.Path(sys.executable).parent / "moto_server"
        self.process = subprocess.Popen([server, "-H", "127.0.0.1", "-p", str(self.port), "-c", folder / "peer.pem",
                                         "-k", folder / "peer.key"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = boto3.client("s3", endpoint_url=f"https://127.0.0.1:{self.port}", region_name="us-east-1",
                                   verify=str(folder / "peer-ca.pem"), aws_access_key_id="signet",
                                   aws_secret_access_key="moto-secret")
        eventually(self._made, 60)

    def _made(self):
        with contextlib.suppress(Exception):
            return self.client.create_bucket(Bucket="logs")

    def config(self, below):
        return "\n".join([f'url = "s3://logs/{below}"', f'endpoint = "https://127.0.0.1:{self.port}"',
                          'access_key_id = "signet"', f'secret_file = "{self.folder / "s3-secret"}"'])

    def names(self, below):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket="logs", Prefix=below)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def read(self, name):
        return self.client.get_object(Bucket="logs", Key=name)["Body"].read()

    def write(self, name, data):
        self.client.put_object(Bucket="logs", Key=name, Body=data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def archived(folder, kills, seed):
    """What leaves goes to the bucket first, and comes back proved; anchors and exports go there too."""
    draw = random.Random(seed)
    with Bucket(folder) as bucket:
        def more(total):
            return (f"total_retention_days = {total}\n[archive]\n{bucket.config('archive')}\n"
                    f"[exports.lake]\nto = \"object-storage\"\n{bucket.config('lake')}\n"
                    f"[fetch]\nallow = [\"127.0.0.1\"]\nextra_ca = [\"{folder / 'peer-ca.pem'}\"]\n")
        server = Server(folder / "archived", config(3, more=more(400)))
        server.start()
        try:
            tenant = server.create_tenant("Contoso")
            directory = Directory(server.base, server.ca, tenant)
            mark = directory.user("archived")
            with Writer(directory) as writer:
                for number in range(kills):
                    time.sleep(draw.uniform(0.5, 4.0))
                    server.kill()
                    server.start()
            directory = Directory(server.base, server.ca, tenant)
            expect("old records of several tables leave", lambda: purged(server, 2))
            eventually(lambda: mark["id"] not in targets(directory))
            log = quiet_verify(server, " with an archive")["logs"][0]
            proofs = [name for name in bucket.names("archive/logs/") if name.endswith(".proof.json")]
            kept = [json.loads(bucket.read(name)) for name in proofs]
            there = {tuple(one) for about in kept for one in about["ranges"]}
            gone = {tuple(one) for purge in log["purges"] for one in purge["ranges"]}
            check("whatever was purged is in the archive, kills and all", gone <= there, gone - there)
            comes_back(server, folder, tenant, bucket, mark)
            anchored = expect("anchors go there too", lambda: server.command("logs", "anchor"))
            check("by their names", anchored and bucket.names(f"archive/anchors/{tenant['tenantId']}/"), anchored)
            lake(bucket, tenant, mark)
            server.stop()
            server.config.write_text(config(3, more=more(f"{4 / 86400:.9f}")))
            server.start()
            directory = Directory(server.base, server.ca, tenant)
            expect("what was kept for long enough leaves the archive",
                   lambda: eventually(lambda: not set(proofs) & set(bucket.names("archive/logs/"))))
            check("which is on record", eventually(lambda: audits(directory, "Delete archived log records")))
        finally:
            server.kill()


def proved(path):
    """What is proved of records that came back: all but when they were committed."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in row.items() if name != "_TimeReceived"} for row in rows]


def comes_back(server, folder, tenant, bucket, mark):
    """The archive's records, verified on their way."""
    words = ("logs", "archive", "restore", "--table", "AuditLogs", "--config", server.config)
    listed = json.loads(server.command("logs", "archive", "list", "--table", "AuditLogs", "--config", server.config,
                                       "--output", "json"))
    check("the parts of a table are listed", listed and all("AuditLogs" in part["name"] for part in listed), listed)
    said = expect("records come back", lambda: json.loads(server.command(
        *words, "--to", folder / "back.jsonl", "--output", "json")))
    rows = [json.loads(line) for line in (folder / "back.jsonl").read_text().splitlines()]
    leaves = [row["_Leaf"] for row in rows]
    check("each once", said and len(rows) == said["records"] == len(set(leaves)), said)
    found = {target["id"] for row in rows for target in row["TargetResources"]}
    check("with what they said", mark["id"] in found)
    check("in a file of its owner's", (folder / "back.jsonl").stat().st_mode & 0o077 == 0)
    name = "archive/" + listed[0]["name"] + ".parquet"
    whole = bucket.read(name)
    refusals = []
    for at in range(8, len(whole) - 8, max(1, len(whole) // 8)):
        bucket.write(name, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        refusals.append(bool(refused(*words, "--to", folder / f"forged-{at}.jsonl", "--data-dir", server.data))
                        or proved(folder / f"forged-{at}.jsonl") == proved(folder / "back.jsonl"))
    check(f"and not with a byte changed, wherever of {len(refusals)} places it matters", all(refusals), refusals)
    proof = name.replace(".parquet", ".proof.json")
    about = json.loads(bucket.read(proof))
    bucket.write(name, whole)
    forged = json.loads(json.dumps(about))
    level, index, hashes = forged["proof"]["tiles"][0]
    forged["proof"]["tiles"][0] = [level, index, base64.b64encode(bytes([base64.b64decode(hashes)[0] ^ 1])
                                                                 + base64.b64decode(hashes)[1:]).decode()]
    bucket.write(proof, json.dumps(forged).encode())
    words_of_it = refused(*words, "--to", folder / "forged-proof.jsonl", "--data-dir", server.data)
    check("nor with a proof changed", "tiles" in words_of_it, words_of_it)
    bucket.write(proof, json.dumps(about).encode())


def lake(bucket, tenant, mark):
    """Parquet of the sink, as somebody else reads it."""
    names = eventually(lambda: bucket.names("lake/AuditLogs/"))
    check("records are exported as Parquet, by table, day and tenant",
          names and all(f"/tenant={tenant['tenantId']}/" in name and "/date=" in name for name in names), names)
    folder = bucket.folder / "lake"
    folder.mkdir()
    for number, name in enumerate(names):
        (folder / f"{number}.parquet").write_bytes(bucket.read(name))
    rows = duckdb.sql(f"SELECT DISTINCT Id, TargetResources FROM '{folder}/*.parquet'").fetchall()
    check("which others read", any(mark["id"] in str(row[1]) for row in rows), len(rows))


def killed(folder, kills, seed):
    """SIGKILL at random moments while records come and go."""
    draw = random.Random(seed)
    server = Server(folder / "killed", config(2))
    server.start()
    try:
        tenant = server.create_tenant("Contoso")
        directory = Directory(server.base, server.ca, tenant)
        with Writer(directory) as writer:
            for number in range(kills):
                time.sleep(draw.uniform(0.2, 4.0))
                server.kill()
                server.start()
                quiet_verify(server, f" after kill {number + 1}")
            eventually(lambda: writer.made)
        check("records were made all the while", len(writer.made) > kills, len(writer.made))
        expect("and old ones leave", lambda: purged(server, 2))
        report = quiet_verify(server, " in the end")
        check("purges went on", report["logs"][0]["purges"], report["logs"][0])
        said = server.contradictions()
        check("the sweep over the whole store finds nothing", said is None, said)
    finally:
        server.kill()


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--kills", type=int, default=3)
    words.add_argument("--seed", type=int, default=7)
    given = words.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-retention-"))
    try:
        leaves_and_stays(folder)
        waits_for_readers(folder)
        archived(folder, given.kills, given.seed)
        killed(folder, given.kills, given.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    done()


if __name__ == "__main__":
    main()
