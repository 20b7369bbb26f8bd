"""Memory and cold start of a server that holds many agents, all created through its public API."""
import concurrent.futures
import pathlib
import tempfile
import time

from directory import Directory, TokenClient
from load import resident_kib, settle
from server import Server


def measure(agents, threads=16, say=print):
    """Prints idle memory, memory per agent, and the time from start to readiness and to the first token."""
    with tempfile.TemporaryDirectory(prefix="signet-bench-") as folder:
        server = Server(pathlib.Path(folder))
        with server:
            directory = Directory(server.base, server.ca, server.create_tenant("Population"))
            settle(server.process.pid)
            idle = resident_kib(server.process.pid)
            say(f"memory, idle with one tenant: {idle / 1024:.1f} MiB")
            if not agents:
                return
            tokens, agent = _populate(directory, server, agents, threads, say)
            settle(server.process.pid)
            full = resident_kib(server.process.pid)
            say(f"memory with {agents:,} agents: {full / 1024:.1f} MiB, "
                f"{(full - idle) * 1024 / agents:.0f} bytes an agent")
            server.stop()
            tokens.client.close()
            begun = time.monotonic()
            ready = server.start(wait=300)
            answer = tokens.first_step(agent)
            if answer.status != 200:
                raise RuntimeError(f"no token after the restart: {answer}")
            say(f"cold start with {agents:,} agents: ready after {ready * 1000:.0f} ms, "
                f"first token after {(time.monotonic() - begun) * 1000:.0f} ms")
            settle(server.process.pid)
            say(f"memory after the cold start: {resident_kib(server.process.pid) / 1024:.1f} MiB")
            server.stop()


def _populate(directory, server, agents, threads, say):
    sponsor = directory.user()
    blueprint, _ = directory.blueprint(sponsor, "Population")
    tokens = TokenClient(directory, server.ca, blueprint["appId"], directory.password(blueprint))
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        made = list(pool.map(lambda number: directory.agent(blueprint, sponsor, f"agent {number}")["id"], range(agents)))
    taken = time.monotonic() - begun
    say(f"created {agents:,} agents over {threads} connections in {taken:.0f} s ({agents / taken:.0f}/s, client-bound)")
    return tokens, made[-1]
