#!/usr/bin/env python3
"""Reads a system-call trace and says whether every answer left after the sync that covers its record.

Behaviour (invariant 2, power loss). What a trace can prove: with one token request at a time on one connection, and no
other load, the record of a request can only be what is written to the records database between the request's arrival
and its answer. So for each request read from that connection, before the first byte of the answer is written to it,
there must be a write to a records file and then a sync of that same file which began after that write and returned 0.

    fsync_trace.py [--records REGEX] [--requests N] check TRACE --port CLIENT_PORT   judges `strace -f -ttt -T -yy`
    fsync_trace.py [--requests N] run                                traces a fixture of its own, then judges
    fsync_trace.py --records REGEX run --url U --ca F --pid P --form FIELDS      the same for another server
"""
import argparse
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from checks import check, done
from https_client import Client

READS, WRITES = {"read", "readv", "recvfrom", "recvmsg"}, {"write", "writev", "sendto", "sendmsg"}
FILE_WRITES, SYNCS = {"write", "writev", "pwrite64", "pwritev", "pwritev2"}, {"fdatasync", "fsync"}
CALLS = sorted(READS | WRITES | FILE_WRITES | SYNCS)
RECORDS = r"/records\.db(-wal)?$"

LINE = re.compile(r"^(?P<thread>\d+)\s+(?P<at>\d+\.\d+)\s+(?P<rest>.*)$")
CALL = re.compile(r"^(?P<name>\w+)\((?P<number>\d+)<(?P<what>.*?)>(?=[,) ])")
RESUMED = re.compile(r"^<\.\.\. (?P<name>\w+) resumed>")
RESULT = re.compile(r"=\s+(?P<result>-?\d+)\b.*?(?:<(?P<took>\d+\.\d+)>)?$")


@dataclasses.dataclass
class Call:
    """One finished system call on one file or socket."""
    name: str
    what: str
    start: float
    end: float
    result: int


def parse(lines):
    """The calls of a trace, by the moment they began; a call that strace shows in two halves is put together."""
    open_calls, calls = {}, []
    for line in lines:
        match = LINE.match(line)
        if not match:
            continue
        thread, at, rest = match["thread"], float(match["at"]), match["rest"]
        if RESUMED.match(rest):
            begun = open_calls.pop(thread, None)
        else:
            call = CALL.match(rest)
            begun = call and (call["name"], call["what"], at)
            if begun and rest.endswith("<unfinished ...>"):
                open_calls[thread] = begun
                continue
        result = RESULT.search(rest)
        if begun and result:
            name, what, start = begun
            calls.append(Call(name, what, start, start + float(result["took"] or 0), int(result["result"])))
    return sorted(calls, key=lambda call: call.start)


def judge(calls, port, records):
    """How many requests were answered, and what is wrong, in sentences."""
    records, connection = re.compile(records), re.compile(rf"TCP.*->.*:{port}\]?$")
    answered, wrong = 0, []
    arrived = written = synced = None
    for call in calls:
        on_connection = bool(connection.search(call.what))
        if on_connection and call.name in READS and call.result > 0:
            arrived, written, synced = call.end, {}, False
        elif records.search(call.what) and call.name in FILE_WRITES and call.result > 0 and arrived is not None:
            written[call.what] = call.end
        elif call.name in SYNCS and call.result == 0 and arrived is not None:
            if call.start >= written.get(call.what, float("inf")):
                synced = call.end if synced is False else synced
        elif on_connection and call.name in WRITES and call.result > 0 and arrived is not None:
            answered += 1
            if not written:
                wrong.append(f"answer {answered} left at {call.start:.6f} without a record having been written")
            elif synced is False or synced > call.start:
                wrong.append(f"answer {answered} left at {call.start:.6f} before the sync of its record returned")
            arrived = None  # further writes belong to the same answer
    return answered, wrong


def trace(pid, client, request, count, output):
    """Attaches strace to a warm connection, makes `count` requests one at a time, detaches; answers the client's port."""
    assert_token(request())  # warms the connection, so that no handshake is in the trace
    tracer = subprocess.Popen(["strace", "-f", "-ttt", "-T", "-yy", "-s", "0", "-e", f"trace={','.join(CALLS)}",
                               "-p", str(pid), "-o", str(output)], stderr=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL)
    attached = tracer.stderr.readline()
    if "attached" not in attached:
        raise SystemExit(f"strace cannot attach: {attached}{tracer.stderr.read()}")
    wait_until_traced(pid)
    try:
        for _ in range(count):
            assert_token(request())
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(30)
    return client.local_port()


def wait_until_traced(pid):
    """Until each thread of the process has the tracer."""
    def untraced():
        for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
            if "TracerPid:\t0\n" in status.read_text():
                return True
        return False
    give_up = time.monotonic() + 10
    while untraced():
        if time.monotonic() > give_up:
            raise SystemExit("strace did not attach to every thread within 10 s")
        time.sleep(0.01)


def assert_token(answer):
    if answer.status != 200 or "access_token" not in answer.json():
        raise SystemExit(f"no token: {answer}")


def run(chosen):
    """The whole proof, on a server named by options or on a fixture of its own."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "trace"
        if chosen.url:
            client, form = Client(chosen.url, chosen.ca), dict(urllib.parse.parse_qsl(chosen.form))
            path = urllib.parse.urlsplit(chosen.url).path
            port = trace(chosen.pid, client, lambda: client.form(path, form), chosen.requests, output)
        else:
            from directory import TokenClient
            from fixture import running
            with running() as fixture:
                tokens = TokenClient(fixture.directory, fixture.server.ca, fixture.blueprint["appId"],
                                     fixture.blueprint_secret)
                port = trace(fixture.server.process.pid, tokens.client,
                             lambda: tokens.first_step(fixture.agent["id"]), chosen.requests, output)
        return conclude(output, port, chosen)


def conclude(path, port, chosen):
    if os.environ.get("KEEP_TRACE"):
        pathlib.Path(os.environ["KEEP_TRACE"]).write_text(path.read_text(errors="replace"))
    with path.open(errors="replace") as lines:
        answered, wrong = judge(parse(lines), port, chosen.records)
    check(f"{answered} answers are in the trace, {chosen.requests} were asked for", answered == chosen.requests)
    check("no token left before the sync that covers its record", not wrong, "; ".join(wrong[:3]))


def self_test():
    """The judge on made-up traces: it must accept the right order and refuse each wrong one."""
    socket, wal = "9<TCP:[127.0.0.1:8443->127.0.0.1:5555]>", "7</data/records.db-wal>"
    arrive = f"11 1.000 recvfrom({socket}, ..., 4096, 0, NULL, NULL) = 300 <0.001>"
    append = f"12 1.010 pwrite64({wal}, ..., 4096, 0) = 4096 <0.001>"
    sync = f"12 1.020 fdatasync({wal}) = 0 <0.005>"
    halves = [f"12 1.020 fdatasync({wal} <unfinished ...>", "12 1.025 <... fdatasync resumed>) = 0 <0.005>"]

    def leave(at):
        return f"11 {at} sendto({socket}, ..., 1500, MSG_NOSIGNAL, NULL, 0) = 1500 <0.001>"
    elsewhere = "12 1.020 fdatasync(8</data/directory.db-wal>) = 0 <0.005>"
    failed = f"12 1.020 fdatasync({wal}) = -1 EIO (Input/output error) <0.005>"
    early = f"12 1.005 fdatasync({wal}) = 0 <0.001>"
    cases = [
        ("the right order is accepted", [arrive, append, sync, leave("1.030")], 0),
        ("a sync that strace shows in two halves counts", [arrive, append, *halves, leave("1.030")], 0),
        ("an answer without a sync is found", [arrive, append, leave("1.030")], 1),
        ("an answer without a record is found", [arrive, leave("1.030")], 1),
        ("an answer during the sync is found", [arrive, append, sync, leave("1.022")], 1),
        ("a sync of another file does not count", [arrive, append, elsewhere, leave("1.030")], 1),
        ("a failed sync does not count", [arrive, append, failed, leave("1.030")], 1),
        ("a sync before the write does not count", [arrive, early, append, leave("1.030")], 1),
    ]
    for name, lines, wanted in cases:
        answered, wrong = judge(parse(lines), 5555, RECORDS)
        check(f"trace judge: {name}", answered == 1 and len(wrong) == wanted, wrong)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--records", default=RECORDS, help="which files hold records")
    options.add_argument("--requests", type=int, default=50)
    commands = options.add_subparsers(dest="command", required=True)
    judge_only = commands.add_parser("check")
    judge_only.add_argument("trace", type=pathlib.Path)
    judge_only.add_argument("--port", type=int, required=True)
    running = commands.add_parser("run")
    running.add_argument("--url")
    running.add_argument("--ca")
    running.add_argument("--pid", type=int)
    running.add_argument("--form", default="")
    chosen = options.parse_args()
    self_test()
    if chosen.command == "check":
        conclude(chosen.trace, chosen.port, chosen)
    else:
        run(chosen)
    done()


if __name__ == "__main__":
    sys.exit(main())
