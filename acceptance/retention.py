"""What the scripts share that let logs grow old: the configuration, whoever writes meanwhile, and what must hold of what left."""
import base64
import collections
import hashlib
import json
import subprocess
import threading
import time
import urllib.parse
import uuid

from checks import check
from server import binary

CONFIG = """
[logs]
audit_retention_days = {days}
retention_days = {days}
shortest_retention_days = 1
shorten_after_days = 30
wait_for_readers_days = {wait}
purge_interval_seconds = 1
{more}
"""

# The frames of a record that are there and that were removed, and those in its log: first leaf and records of each.
Moment = collections.namedtuple("Moment", "here gone logged")


def config(seconds, wait=0, more=""):
    return CONFIG.format(days=f"{seconds / 86400:.9f}", wait=wait, more=more)


def verified(server):
    """What `signet logs verify` says."""
    return json.loads(server.command("logs", "verify", "--output", "json"))


def refused(*words):
    """What a command says that ends badly; nothing, if it ends well."""
    run = subprocess.run([binary(), *map(str, words)], capture_output=True, text=True, timeout=120)
    return run.stdout + run.stderr if run.returncode else ""


def eventually(look, wait=90.0):
    """What `look` finds once it finds something; a wait, no measure."""
    until = time.monotonic() + wait
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.5)
    return found


def audits(directory, activity):
    """The audit records of one activity."""
    asked = urllib.parse.quote(f"activityDisplayName eq '{activity}'")
    return list(directory.pages(f"/auditLogs/directoryAudits?$filter={asked}"))


def sound(moment, report, when="", held=frozenset()):
    """Every record of a moment is there once, or removed once and stated once; `report` is what verification said later. What a
    hold came for after a tombstone had stated it stayed then, and is in another when it leaves: frames that are `held`."""
    stated = collections.Counter(leaf for purge in report["logs"][0]["purges"] for first, count in purge["ranges"]
                                 for leaf in range(first, first + count))
    leaves = {frame: range(first, first + count) for frame, (first, count) in moment.logged.items()}
    twice = {leaf for leaf, times in stated.items() if times > 1}.difference(*(leaves.get(frame, ()) for frame in held))
    check(f"no record is in two tombstones{when}", not twice, twice)
    check(f"no frame is there and removed{when}", not moment.here & moment.gone)
    lost = leaves.keys() - moment.here - moment.gone
    check(f"every frame that is in the log is there or removed{when}", not lost, lost)
    untold = [frame for frame in moment.gone if frame not in leaves or not stated.keys() >= set(leaves[frame])]
    check(f"nothing was removed that is not stated{when}", not untold, untold)


def entries_kept(row):
    """What the log keeps of a removed frame, made from the frame as whoever forges a removal would; `row` is its columns by name."""
    b64 = lambda data: base64.b64encode(hashlib.sha256(data).digest()).decode()
    url = lambda data: base64.urlsafe_b64encode(data).decode().rstrip("=")
    table, writer, seq = row["table_name"], str(uuid.UUID(bytes=row["writer"])), row["seq"]
    lines = enumerate(zip(row["keys"].split(b"\n"), row["body"].split(b"\n")))
    entries = [f"signet-record-entry-v1\n{table}\n{writer} {seq} {line}\n{b64(key)}\n{b64(text)}\n" for line, (key, text) in lines]
    return json.dumps({"table": table, "writer": writer, "seq": seq, "prev": url(row["prev"]), "entries": entries, "tip": {
        "next_seq": seq + 1, "next_first": row["first"] + row["count"], "hash": url(row["hash"])}}).encode()


class Writer:
    """Makes objects, and with them audit records, for as long as it is entered."""

    def __init__(self, directory):
        self.directory, self.made, self._ending = directory, [], False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._ending:
            try:
                self.made.append(self.directory.user("w")["id"])
            except Exception:  # the server is being killed
                time.sleep(0.1)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending = True
        self._thread.join(30)
