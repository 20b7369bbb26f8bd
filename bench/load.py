"""Drives a token endpoint with wrk and reads the server's CPU time and memory from /proc. Loopback only."""
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Target:
    """An endpoint, the process that serves it, and the requests to send."""
    name: str
    url: str
    pid: int
    lines: list
    two_step: bool = False


@dataclasses.dataclass
class Run:
    """What one run showed: of each token what the process spent and, apart, what its children did."""
    cpu_us: float
    children_us: float
    rps: float
    p50_us: int
    p99_us: int


def process_tree(pid):
    """The process and everything below it."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    found, pending = [], [pid]
    while pending:
        found.append(pending.pop())
        pending += children.get(found[-1], [])
    return found


def own_seconds(pid):
    """User and system time of one process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu_seconds(pid):
    """User and system time of the tree."""
    return sum(own_seconds(process) for process in process_tree(pid))


def resident_kib(pid):
    """Resident memory of one process."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} is gone")


def drive(target, concurrency, seconds):
    """One run; a single refused or broken request makes the figure worthless and raises."""
    if urllib.parse.urlsplit(target.url).hostname not in ("localhost", "127.0.0.1"):
        raise ValueError("loopback only")
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as requests:
        requests.write("\n".join(target.lines) + "\n")
        requests.flush()
        environment = os.environ | {"TB_FILE": requests.name} | ({"TB_TWO_STEP": "1"} if target.two_step else {})
        own, tree = own_seconds(target.pid), cpu_seconds(target.pid)
        run = subprocess.run(
            ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "30s", "-s", HERE / "token.lua", target.url],
            env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        own, tree = own_seconds(target.pid) - own, cpu_seconds(target.pid) - tree
    lines = run.stdout.splitlines()
    summary = next((json.loads(line[3:]) for line in lines if line.startswith("TB {")), None)
    refusal = next((line for line in lines if line.startswith("TB-REFUSED")), "")
    if summary is None or summary["refused"] or summary["broken"] or not summary["tokens"]:
        raise RuntimeError(f"{target.name}: {summary} {refusal}\n{run.stdout}{run.stderr}")
    each = 1e6 / summary["tokens"]
    return Run(own * each, (tree - own) * each, summary["requests"] / summary["seconds"], summary["p50_us"],
               summary["p99_us"])


def settle(pid, seconds=2.0, patience=60):
    """Waits until the process has been idle for a moment."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        before = cpu_seconds(pid)
        time.sleep(seconds)
        if cpu_seconds(pid) - before < 0.02 * seconds:
            return
