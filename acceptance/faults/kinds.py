"""The faults that a run draws from: what each does, to whom, and how it is undone."""
import contextlib
import os
import signal
import socket
import subprocess
import time

from faults.hosts import parted


class Stage:
    """What faults act on."""

    def __init__(self, nodes, database, dice, pace=1.0):
        self.nodes, self.database, self.dice, self._pace = nodes, database, dice, pace

    def node(self):
        return self.dice.choice(self.nodes)

    def hold(self, least, most):
        """The fault lasts."""
        time.sleep(self.dice.uniform(least, most) * self._pace)


def node_killed(stage):
    """SIGKILL of a node, and its restart."""
    node = stage.node()
    node.kill()
    stage.hold(0.1, 2)
    node.start()


def node_paused(stage):
    """SIGSTOP of a node, short or past every bound, then SIGCONT."""
    node = stage.node()
    node.process.send_signal(signal.SIGSTOP)
    stage.hold(0.2, 6)
    node.process.send_signal(signal.SIGCONT)


def leader_crashes(stage):
    """SIGKILL of the leading server and its backends; Patroni hands over."""
    stage.database.leader().kill_server()
    stage.hold(0, 1)


def leader_host_dies(stage):
    """The leading server and its Patroni are gone for a while: another takes over if it has every acknowledged commit,
    else the cluster waits for this one."""
    member = stage.database.leader()
    member.kill()
    stage.hold(4, 15)
    member.start()


def leader_pauses(stage):
    """SIGSTOP of the leader with its Patroni: it may come back after another has taken over."""
    member = stage.database.leader()
    member.pause()
    stage.hold(0.5, 14)
    member.go_on()


def failover(stage):
    """The operator's planned hand-over."""
    with contextlib.suppress(RuntimeError):
        stage.database.switch_over()


def node_from_database(stage):
    """A node reaches neither server."""
    node = stage.node()
    with contextlib.ExitStack() as undone:
        for member in stage.database.members:
            undone.enter_context(parted(node.host, member.host))
        stage.hold(0.5, 6)


def node_from_leader(stage):
    """A node reaches only the follower."""
    with parted(stage.node().host, stage.database.leader().host):
        stage.hold(0.5, 6)


def nodes_from_each_other(stage):
    """No node reaches another; nothing may depend on that."""
    one, two, three = (node.host for node in stage.nodes)
    with parted(one, two), parted(two, three), parted(one, three):
        stage.hold(0.5, 4)


def slow_disk(stage):
    """Every sync of the leading server takes 50 to 400 ms longer."""
    delay = stage.dice.randrange(50_000, 400_000)
    processes = stage.database.leader().server_processes()
    attached = [word for process in processes for word in ("-p", str(process))]
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
                               "-e", f"inject=fsync,fdatasync:delay_exit={delay}", *attached],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stage.hold(1, 5)
    tracer.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        tracer.wait(10)
    tracer.kill()


def clock_stepped(stage):
    """A node's wall clock jumps by up to a minute and a half, either way, and later back."""
    node = stage.node()
    node.step_clock(stage.dice.choice([-90, -30, -5, 5, 30, 90]))
    stage.hold(2, 5)
    node.step_clock(0)
    stage.hold(1, 1.5)


def connection_flood(stage):
    """A thousand connections to one node that say nothing."""
    node, opened = stage.node(), []
    with contextlib.ExitStack() as undone:
        for _ in range(1000):
            connection = undone.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(node.at)
            opened.append(connection)
        stage.hold(0.5, 3)


# Each with how often it is drawn.
KINDS = {node_killed: 4, node_paused: 4, leader_crashes: 2, leader_host_dies: 1, leader_pauses: 2, failover: 2,
         node_from_database: 3, node_from_leader: 2, nodes_from_each_other: 1, slow_disk: 2, clock_stepped: 2,
         connection_flood: 1}


def possible():
    """The kinds that this machine can do, and why not the others."""
    missing = {}
    if not any(os.access(os.path.join(folder, "strace"), os.X_OK) for folder in os.get_exec_path()):
        missing[slow_disk] = "strace is not installed"
    from faults.cluster import FAKETIME
    if not FAKETIME.exists():
        missing[clock_stepped] = "Debian's faketime is not installed"
    return {kind: weight for kind, weight in KINDS.items() if kind not in missing}, missing
