#!/usr/bin/env python3
"""Has outsiders judge the log that the real server keeps of its record, and kills the server between its writes.

- pymerkle and aics-tlog rebuild the tree from the served entries and judge every proof of the API, tile and checkpoint;
- a record's proof is made by id, checked by `signet logs check-proof`, and refused with any byte changed;
- a witness, which is a second installation, cosigns; shown another history it refuses, and the log stops and says so;
- SIGKILL at the n-th write to the log's file, n drawn from the seed: nothing that was signed is ever taken back, no
  record is lost or doubled, and everything verifies offline;
- the copied static files verify; a copied data directory with a byte changed does not.

    transparency.py [--kills N] [--seed S]
"""
import argparse
import base64
import contextlib
import json
import random
import shutil
import sqlite3
import subprocess
import time

from pymerkle import InmemoryTree

from background import Background
from checks import check, done, expect, skip
from directory import TokenClient
from fixture import RESOURCE, running
from server import Server, binary
from tlog_proofs import aics_tlog, flipped, parse_key, pymerkle_includes, subproof, verified

SIGN_INS, AUDITS = "AADServicePrincipalSignInLogs", "AuditLogs"


class Log:
    """The read side of a tenant's log, as its readers see it."""

    def __init__(self, fixture):
        self.directory, self.prefix = fixture.directory, f"/{fixture.tenant['tenantId']}/log/"

    def get(self, path, bearer=True):
        headers = {"authorization": f"Bearer {self.directory.bearer()}"} if bearer else {}
        return self.directory.client.request("GET", self.prefix + path, headers=headers)

    def read(self, path):
        answer = self.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer}")
        return answer.body

    def checkpoint(self):
        return self.read("checkpoint").decode()

    def entries(self, size):
        """Every entry, from the bundles."""
        entries = []
        for index in range((size + 255) // 256):
            width = min(256, size - 256 * index)
            rest = self.read("tile/entries/" + place(index, width))
            for _ in range(width):
                length = int.from_bytes(rest[:2], "big")
                entries.append(rest[2:2 + length])
                rest = rest[2 + length:]
            assert not rest
        return entries


def place(index, width=256):
    digits = f"{index:03d}" if index < 1000 else f"x{index // 1000:03d}/{index % 1000:03d}"
    return digits + ("" if width == 256 else f".p/{width}")


def stated(note):
    """Size and root that a checkpoint states."""
    lines = note.split("\n")
    return int(lines[1]), base64.b64decode(lines[2], validate=True)


def tokens(fixture, number):
    """Some tokens, each with its record, and some refusals; how many tokens there were."""
    agent, granted = fixture.agent["id"], 0
    client = TokenClient(fixture.directory, fixture.server.ca, fixture.blueprint["appId"], fixture.blueprint_secret)
    for count in range(number):
        first = client.first_step(agent).json()["access_token"]
        answer = client.second_step(agent, first, f"{RESOURCE}/.default" if count % 3 else "api://nothing/.default")
        granted += answer.status == 200
    return granted


def settled(log, more_than=0, wait=30):
    """The newest checkpoint, once it is larger and stands still."""
    give_up, last = time.monotonic() + wait, None
    while time.monotonic() < give_up:
        answer = log.get("checkpoint")
        note = answer.body.decode() if answer.status == 200 else None
        if note and note == last and stated(note)[0] > more_than:
            return note
        last = note
        time.sleep(1.5)
    raise RuntimeError(f"the log did not settle: {last}")


def judge(log, key):
    """Everything that is served, judged by others; answers the checkpoint."""
    note = settled(log)
    size, root = stated(note)
    text, lines = note.split("\n\n")
    name, key_id, computed, kind, public = parse_key(key)
    signature = base64.b64decode(lines.split("\n")[0].split(" ")[2], validate=True)
    check("the log signed its checkpoint, under its own name",
          (text.split("\n")[0], key_id, kind) == (name, computed, 1)
          and signature[:4] == key_id and verified(public, (text + "\n").encode(), signature[4:]))
    entries = log.entries(size)
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    check(f"pymerkle makes the same root of {size} served entries", tree.get_root(size) == root)
    paths = []
    for index in sorted({0, 1, size // 3, size // 2, size - 2, size - 1}):
        before, checkpoint = log.read(f"proof?leaf={index}").decode().split("\n\n", 1)
        lines = before.split("\n")
        check(f"leaf {index}: the proof carries its entry",
              base64.b64decode(lines[1].removeprefix("extra ")) == entries[index] and lines[2] == f"index {index}"
              and stated(checkpoint)[0] >= size)
        if stated(checkpoint)[0] == size:
            paths.append((index, [base64.b64decode(line) for line in lines[3:]]))
    check(f"pymerkle accepts {len(paths)} proofs of the API",
          paths and all(pymerkle_includes(tree, size, root, index, path) for index, path in paths))
    spoilt = [pymerkle_includes(tree, size, root, index, bad) for index, path in paths for bad in flipped(path)]
    check(f"pymerkle refuses {len(spoilt)} of them with a bit changed", spoilt and not any(spoilt))
    leaves = [tree.get_leaf(index + 1) for index in range(size)]
    grown = []
    for old in sorted({1, 2, size // 2, size - 1, size}):
        for new in sorted({old, (old + size) // 2, size}):
            answer = json.loads(log.read(f"consistency?from={old}&to={new}"))
            grown.append((old, new, [base64.b64decode(line) for line in answer["path"]]))
    check(f"{len(grown)} consistency proofs are those of RFC 6962",
          all(subproof(old, leaves[:new], True) == path for old, new, path in grown))
    if aics_tlog:
        judge_by_aics(log, (note, size, root), (tree, entries, leaves), (paths, grown), key)
    else:
        skip("aics-tlog accepts proofs, tiles and the checkpoint", "it needs Python 3.12")
    return note, entries


def judge_by_aics(log, signed, rebuilt, proofs, key):
    (note, size, root), (tree, entries, leaves), (paths, grown) = signed, rebuilt, proofs
    accepted = [aics_tlog.verify_inclusion(leaves[index], index, size, path, root) for index, path in paths]
    accepted += [aics_tlog.verify_consistency(old, new, tree.get_root(old), tree.get_root(new), path)
                 for old, new, path in grown if old < new]
    check(f"aics-tlog accepts {len(accepted)} proofs of the API", accepted and all(accepted))
    wanted = aics_tlog.tiles.materialise_tiles(entries)
    differing = [path for path, content in wanted.items() if log.get(path).body != content]
    check(f"{len(wanted)} served tiles and bundles are aics-tlog's, byte for byte", wanted and not differing, differing)
    vkey = aics_tlog.parse_vkey(key)
    judged = aics_tlog.verify_checkpoint(aics_tlog.parse_note(note), vkey, [], 0, expected_origin=key.split("+")[0])
    check("aics-tlog believes the checkpoint", judged.ok, judged)


def prove_records(fixture, log, key):
    """A record by its id, with the proof checked elsewhere."""
    record = next(fixture.directory.pages("/auditLogs/signIns?$top=1"))
    folder = fixture.folder / "proof"
    folder.mkdir()
    give_up = time.monotonic() + 20
    while (answer := log.get(f"proof?table={SIGN_INS}&id={record['id']}")).status == 503 and time.monotonic() < give_up:
        time.sleep(0.5)
    check("a record is proved by its id", answer.status == 200, answer)
    proof = folder / "record.proof"
    proof.write_bytes(answer.body)
    expect("`signet logs check-proof` believes it",
           lambda: json.loads(fixture.server.command("logs", "check-proof", proof, "--key", key, "--output", "json")),
           lambda shown: shown["table"] == SIGN_INS)
    refused = []
    for at in range(0, len(answer.body), max(1, len(answer.body) // 40)):
        changed = bytearray(answer.body)
        changed[at] ^= 1
        proof.write_bytes(bytes(changed))
        line = [binary(), "logs", "check-proof", str(proof), "--key", key]
        refused.append(subprocess.run(line, capture_output=True).returncode != 0)
    check(f"and refuses it with a byte changed, {len(refused)} times", all(refused), refused)
    proof.write_bytes(answer.body)
    by_command = fixture.server.command("logs", "proof", record["id"])
    check("`signet logs proof` makes one too", by_command.startswith("c2sp.org/tlog-proof@v1\n"), by_command)
    other = fixture.server.create_tenant("Fabrikam")["tenantId"]
    stranger = fixture.directory.client.request(
        "GET", f"/{other}/log/checkpoint", headers={"authorization": f"Bearer {fixture.directory.bearer()}"})
    check("another tenant's log is not even there", stranger.status == 404, stranger)
    check("nobody reads it without a token", log.get("checkpoint", bearer=False).status == 401)


def copies_verify(fixture, log, key, note):
    """Static files, and a copy of the data directory without its keys."""
    size, _ = stated(note)
    files = fixture.folder / "static"
    paths = ["checkpoint"]
    for level in range(8):
        hashes = size >> (8 * level)
        if not hashes:
            break
        for index in range((hashes + 255) // 256):
            width = min(256, hashes - 256 * index)
            paths.append(f"tile/{level}/{place(index, width)}")
            if level == 0:
                paths.append(f"tile/entries/{place(index, width)}")
    for path in paths:
        (files / path).parent.mkdir(parents=True, exist_ok=True)
        (files / path).write_bytes(note.encode() if path == "checkpoint" else log.read(path))
    verify = ("logs", "verify", "--static", files, "--key", key, "--output", "json")
    expect(f"{len(paths)} copied files verify", lambda: json.loads(fixture.server.command(*verify)),
           lambda shown: shown["leaves"] == size)
    victim = files / paths[-1]
    whole = victim.read_bytes()
    victim.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    expect("and do not with a byte changed", lambda: refused_words(fixture.server, *verify), bool)
    backup = fixture.folder / "backup"
    fixture.server.command("backup", backup)
    copied = ("logs", "verify", "--directory", backup, "--key", key, "--output", "json")
    expect("a backup verifies without any secret", lambda: json.loads(fixture.server.command(*copied)),
           lambda shown: shown["logs"] and shown["logs"][0]["leaves"] >= 1)
    for table, column in (("frames", "body"), ("frames", "hash"), ("frames", "at")):
        damaged = fixture.folder / f"damaged-{column}"
        shutil.copytree(backup, damaged)
        with contextlib.closing(sqlite3.connect(damaged / "records.db")) as database, database:
            value = database.execute(f"SELECT id, {column} FROM {table} ORDER BY id LIMIT 1 OFFSET 3").fetchone()
            changed = value[1] + 1 if isinstance(value[1], int) else bytes([value[1][0] ^ 1]) + value[1][1:]
            database.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (changed, value[0]))
        words = refused_words(fixture.server, "logs", "verify", "--directory", damaged, "--key", key)
        check(f"a changed {column} in the copy is found", "frame" in words, words)


def refused_words(server, *words):
    """What a command that must fail says; nothing, if it does not."""
    line = [binary(), *map(str, words), "--data-dir", str(server.data)]
    run = subprocess.run(line, capture_output=True, text=True, timeout=120)
    return run.stderr if run.returncode else ""


class Witness(Server):
    """`signet witness`: a second installation, in a directory of its own."""

    def __init__(self, folder, key):
        super().__init__(folder, f"[witness]\nname = 'witness.test/w'\nlogs = ['{key}']\n")

    def launch(self, command, **outputs):
        command[1] = "witness"
        return super().launch(command, **outputs)

    def key(self):
        return self.command("witness", "--config", self.config, "--key").strip()


def witnessed(fixture, log, key):
    """The log is cosigned; a forked one is refused, stops, and says so. Answers the witness's key."""
    witness = Witness(fixture.folder / "witness", key)
    vkey = witness.key()
    witness.start()
    fixture.server.stop()
    plain = fixture.server.config.read_text()
    anchors = fixture.folder / "anchors"
    fixture.server.config.write_text(plain + f"""
[transparency]
witnesses = ['{vkey} {witness.base}']
anchor_dir = '{anchors}'
[fetch]
allow = ['localhost:{witness.port}']
extra_ca = ['{witness.ca}']
""")
    fixture.directory.client.close()
    fixture.server.start()
    tokens(fixture, 3)
    name, _, _, kind, public = parse_key(vkey)
    note, give_up = None, time.monotonic() + 60
    while time.monotonic() < give_up:
        note = log.checkpoint()
        lines = [line for line in note.split("\n\n")[1].splitlines() if line.split(" ")[1] == name]
        if lines:
            break
        time.sleep(0.3)
    raw = base64.b64decode(lines[0].split(" ")[2], validate=True) if lines else b""
    text = note.split("\n\n")[0] + "\n"
    stamped = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{text}".encode()
    check("the witness cosigned, as anybody can verify", kind == 4 and lines and verified(public, stamped, raw[12:]), note)
    expect("`signet logs verify` knows the cosignature",
           lambda: json.loads(fixture.server.command("logs", "verify", "--witness", vkey, "--output", "json")),
           lambda shown: any(one["cosigned"] for one in shown["logs"]))
    found = list(anchors.glob(f"{fixture.tenant['tenantId']}/*.checkpoint"))
    check("an anchor was put", len(found) == 1, found)
    expect("and what verifies against it",
           lambda: fixture.server.command("logs", "verify", "--checkpoint", found[0]))
    expect("another is put when it is asked for",
           lambda: fixture.server.command("logs", "anchor", "--tenant", fixture.tenant["tenantId"], "--config",
                                          fixture.server.config), bool)
    forked(fixture, log, witness)
    return anchors


def forked(fixture, log, witness):
    """The operator puts an older state of the log back, and lets another history grow."""
    fixture.server.stop()
    before = fixture.folder / "before"
    shutil.copytree(fixture.server.data, before, ignore=shutil.ignore_patterns("admin.sock"))
    fixture.server.start()
    fixture.directory.client.close()
    tokens(fixture, 4)
    honest = stated(settled(log))[0]
    time.sleep(11)
    fixture.server.stop()
    honest_data = fixture.folder / "honest"
    shutil.copytree(fixture.server.data, honest_data, ignore=shutil.ignore_patterns("admin.sock"))
    shutil.rmtree(fixture.server.data)
    shutil.copytree(before, fixture.server.data)
    fixture.server.start()
    fixture.directory.client.close()
    tokens(fixture, 12)
    give_up, alerts = time.monotonic() + 60, []
    while not alerts and time.monotonic() < give_up:
        time.sleep(0.5)
        alerts = [one for one in fixture.directory.pages("/security/alerts") if one["category"] == "transparencyLogFork"]
    check("another history is refused by the witness, and an alert says so at once", len(alerts) == 1, alerts)
    size = stated(log.checkpoint())[0]
    granted = tokens(fixture, 3)
    time.sleep(3)
    check("the log signs nothing more", stated(log.checkpoint())[0] == size, (size, honest))
    check("and tokens are issued all the same", granted == 2, granted)
    fixture.server.stop()
    shutil.rmtree(fixture.server.data)
    shutil.copytree(honest_data, fixture.server.data)
    fixture.server.start()
    fixture.directory.client.close()
    witness.stop()


class Load(Background):
    """Tokens until the server dies; what was signed meanwhile."""

    def __init__(self, fixture):
        super().__init__([(self._tokens,)] * 3)
        self._fixture = fixture

    def _tokens(self):
        while not self.over.is_set():
            try:
                tokens(self._fixture, 1)
            except Exception:  # the server is killed under this request
                return


def killed_in_a_round(fixture, log, dice, number, notes):
    """SIGKILL at the n-th write or sync of the log's file; then everything must still hold."""
    when, call = dice.randrange(1, 24), dice.choice(["pwrite64", "pwrite64", "fdatasync"])
    when = when if call == "pwrite64" else dice.randrange(1, 3)
    data, pid = fixture.server.data, fixture.server.process.pid
    words = ["strace", "-f", "-q", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={call}",
             "-P", str(data / "record-log.db-wal"), "-P", str(data / "record-log.db"),
             "-e", f"inject={call}:signal=SIGKILL:when={when}"]
    tracer = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    load = Load(fixture)
    with load:
        give_up = time.monotonic() + 60
        while fixture.server.process.poll() is None and time.monotonic() < give_up:
            with contextlib.suppress(Exception):
                notes.append(log.checkpoint())
            time.sleep(0.2)
    died = fixture.server.process.poll() is not None
    tracer.kill()
    said = tracer.communicate()[1].decode()
    name = f"kill {number}: {call} {when}"
    if not check(f"{name}: the server died in a round", died, said):
        fixture.server.kill()
    fixture.server.process.wait()
    fixture.directory.client.close()
    outside = fixture.folder / "seen"
    outside.mkdir(exist_ok=True)
    (outside / "last").write_text(notes[-1])
    expect(f"{name}: it verifies as it lies there, with what was signed before",
           lambda: fixture.server.command("logs", "verify", "--checkpoint", outside / "last"))
    fixture.server.start()
    note = settled(log, stated(notes[-1])[0])
    notes.append(note)
    shown = expect(f"{name}: it goes on, and verifies with every checkpoint that anybody saw",
                   lambda: json.loads(fixture.server.command(
                       "logs", "verify", "--output", "json", *keep(outside, notes))),
                   lambda shown: shown["logs"])
    return shown


def keep(folder, notes):
    """Flags that name every checkpoint that was seen."""
    words = []
    for note in {stated(note)[0]: note for note in notes}.values():
        path = folder / str(stated(note)[0])
        path.write_text(note)
        words += ["--checkpoint", path]
    return words


def nothing_lost(fixture, log):
    """Each sign-in record is in the log once."""
    fixture.server.stop()
    with contextlib.closing(sqlite3.connect(fixture.server.data / "records.db")) as database:
        frames = database.execute("SELECT id, count FROM frames WHERE tenant = ?",
                                  (bytes.fromhex(fixture.tenant["tenantId"].replace("-", "")),)).fetchall()
    with contextlib.closing(sqlite3.connect(fixture.server.data / "record-log.db")) as database:
        spans = database.execute("SELECT frame, count FROM log_spans WHERE tenant = ?",
                                 (bytes.fromhex(fixture.tenant["tenantId"].replace("-", "")),)).fetchall()
    missing = set(frames) - set(spans)
    check(f"each of {len(spans)} frames is in the log, and once",
          len(spans) == len(set(spans)) and not set(spans) - set(frames) and len(missing) <= 3, sorted(missing)[:5])
    for path in ("records.db", "record-log.db"):
        with contextlib.closing(sqlite3.connect(fixture.server.data / path)) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchall()
        check(f"{path} is intact", verdict == [("ok",)], verdict)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=3)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    dice = random.Random(chosen.seed)
    with running() as fixture:
        log = Log(fixture)
        tokens(fixture, 8)
        settled(log)
        key = log.read("key").decode().strip()
        check("the operator's key is the served one",
              fixture.server.command("logs", "checkpoint", "--key", "--tenant", fixture.tenant["tenantId"]).strip()
              .split("+")[2] == key.split("+")[2])
        note, _ = judge(log, key)
        prove_records(fixture, log, key)
        copies_verify(fixture, log, key, note)
        witnessed(fixture, log, key)
        if shutil.which("strace"):
            notes = [settled(log)]
            for number in range(chosen.kills):
                killed_in_a_round(fixture, log, dice, number + 1, notes)
        else:
            skip("SIGKILL in a round", "strace is not installed")
        nothing_lost(fixture, log)
        fixture.server.start()
    done()


if __name__ == "__main__":
    main()
