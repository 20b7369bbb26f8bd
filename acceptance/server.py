"""Starts, stops and kills the built `signet` on a data directory of its own. The binary is named by SIGNET_BIN."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent


def binary():
    """The binary under test."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = pathlib.Path(os.environ.get("SIGNET_BIN", target / "debug" / "signet"))
    if not path.exists():
        raise SystemExit(f"{path} is not there: build it with `cargo build --bin signet`, or set SIGNET_BIN")
    return str(path)


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status(pid):
    """The state and the parent of a process; none when it is gone."""
    try:
        state, parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except OSError:
        return None
    return state, int(parent)


def children_of(pid):
    """The processes that a process has started and that run now."""
    running = [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()]
    return [child for child in running if (status(child) or ("", 0))[1] == pid]


def is_running(pid):
    """Whether more than the name of a process is left."""
    return (status(pid) or "Z")[0] != "Z"


def gone(children):
    """Waits until none of these processes runs."""
    while any(is_running(child) for child in children):
        time.sleep(0.01)


class Server:
    """One `signet serve`; its ports and data stay the same over restarts."""

    address = "127.0.0.1"
    program = None  # another binary than the one under test

    def __init__(self, folder, config=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.port, self.management_port = free_port(), free_port()
        self.base = f"https://localhost:{self.port}"
        self.ca = self.data / "tls" / "ca.pem"
        self.log = self.folder / "server.log"
        self.config = self.folder / "signet.toml"
        self.config.write_text(config)
        self.process = None

    def start(self, wait=60.0):
        """Returns when the server says that it is ready, with the seconds that took."""
        begun = time.monotonic()
        command = [self.program or binary(), "serve", "--data-dir", self.data, "--listen", f"{self.address}:{self.port}",
                   "--management-listen", f"{self.address}:{self.management_port}", "--public-url", self.base,
                   "--config", self.config]
        with self.log.open("ab") as log:
            self.process = self.launch([str(part) for part in command], stdout=log, stderr=log)
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() - begun > wait:
                code = self.process.poll()
                self.kill()
                raise RuntimeError(f"the server did not become ready (exit {code}):\n{self.last_words()}")
            time.sleep(0.01)
        return time.monotonic() - begun

    def launch(self, command, **outputs):
        """The process itself; a node of several overrides where it runs."""
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **outputs)

    def ready(self):
        """Whether `/readyz` answers 200."""
        try:
            with urllib.request.urlopen(f"http://{self.address}:{self.management_port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def metrics(self):
        """The Prometheus samples as a name-to-value map, labels summed."""
        with urllib.request.urlopen(f"http://{self.address}:{self.management_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        samples = {}
        for line in lines:
            if line and not line.startswith("#"):
                name, value = line.split("{")[0].split(" ")[0], line.rsplit(" ", 1)[1]
                samples[name] = samples.get(name, 0.0) + float(value)
        return samples

    def stop(self):
        """SIGTERM, as an operator stops it; an unclean exit raises."""
        if self.process and self.process.poll() is None:
            children = children_of(self.process.pid)
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(30)
                gone(children)
            except subprocess.TimeoutExpired:
                self.kill()
                raise RuntimeError("the server did not stop within 30 s of SIGTERM") from None
            if code != 0:
                raise RuntimeError(f"the server stopped with {code}:\n{self.last_words()}")

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed. What worked for it ends with it, a moment later."""
        if self.process and self.process.poll() is None:
            children = children_of(self.process.pid)
            self.process.kill()
            self.process.wait()
            gone(children)

    def command(self, *words):
        """Runs a `signet` command on this data directory; returns what it printed."""
        line = [self.program or binary(), *map(str, words), "--data-dir", str(self.data)]
        run = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        if run.returncode != 0:
            raise RuntimeError(f"signet {' '.join(map(str, words))} ended with {run.returncode}:\n{run.stdout}{run.stderr}")
        return run.stdout

    def contradictions(self):
        """What contradicts itself in the whole store, as `signet doctor --deep` says it; nothing, if all is well."""
        line = [self.program or binary(), "doctor", "--quick", "--deep", "--output", "json", "--config", str(self.config),
                "--data-dir", str(self.data)]
        run = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
        try:
            swept = next(finding for finding in json.loads(run.stdout) if finding["what"] == "directory")
        except (ValueError, StopIteration):
            return f"the sweep gave no result: {run.stdout}{run.stderr}"
        return None if swept["state"] == "ok" else swept["said"]

    def create_tenant(self, name):
        """`signet tenant create`: {tenantId, adminClientId, adminClientSecret}."""
        return json.loads(self.command("tenant", "create", name, "--output", "json"))

    def last_words(self):
        """The end of the server's log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
