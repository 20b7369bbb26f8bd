"""Hosts on one machine: a network namespace each, joined by a bridge, so that what lies between two of them can be cut.

Needs root and Debian's iproute2. Everything made here is removed by `Network.close`.
"""
import contextlib
import os
import subprocess

NETWORK = "10.77.0"
BRIDGE = "signet-faults"


def _ip(*words, check=True):
    run = subprocess.run(["ip", *words], capture_output=True, text=True)
    if check and run.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {run.stderr.strip()}")
    return run.stdout


class Host:
    """One namespace with one address on the bridge."""

    def __init__(self, name, number):
        self.name, self.address = name, f"{NETWORK}.{number}"
        self.namespace, self._outside = f"signet-{name}", f"sf-{name}"
        _ip("netns", "add", self.namespace)
        _ip("link", "add", self._outside, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        _ip("link", "set", self._outside, "master", BRIDGE, "up")
        _ip("-n", self.namespace, "address", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", self.namespace, "link", "set", device, "up")

    def start(self, command, user=None, **options):
        """A process on this host, in a session of its own; `user` is whom it runs as."""
        line = ["ip", "netns", "exec", self.namespace]
        if user:
            line += ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"]
        return subprocess.Popen([*line, *map(str, command)], stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def cut(self, other):
        """Nothing that this host sends reaches the other any more; connections that stand are not told."""
        _ip("-n", self.namespace, "route", "replace", "blackhole", f"{other.address}/32")

    def join(self, other):
        _ip("-n", self.namespace, "route", "del", "blackhole", f"{other.address}/32", check=False)


@contextlib.contextmanager
def parted(one, other):
    """Two hosts that do not reach each other."""
    one.cut(other)
    other.cut(one)
    try:
        yield
    finally:
        one.join(other)
        other.join(one)


class Network:
    """The bridge, on which the harness itself has an address too, and its hosts."""

    def __init__(self):
        if os.geteuid() != 0:
            raise SystemExit("network namespaces need root")
        self.close()
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")

    def host(self, name, number):
        return Host(name, number)

    def close(self):
        """Ends what still runs on the hosts, and removes them; also what an earlier run left behind."""
        for line in _ip("netns", "list").splitlines():
            name = line.split()[0]
            if not name.startswith("signet-"):
                continue
            for process in _ip("netns", "pids", name).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), 9)
            _ip("netns", "del", name)
        _ip("link", "del", BRIDGE, check=False)
