#!/usr/bin/env python3
"""What a node says of a database that it cannot use: a sentence and an exit code at the start, never half a start."""
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from checks import check, done, skip
from loopback_nodes import SHARED, Nodes, postgres_bin
from server import Server, binary, free_port

USAGE, FAILED, UNAVAILABLE = 2, 1, 69


def config(url, more=""):
    return f'[storage]\nurl = "{url}"\n{more}'


class Refused:
    """One start that must not succeed; as one more node of `beside` if that is said."""

    def __init__(self, folder, text, beside=None):
        self.server = Server(folder, text)
        self.server.data.mkdir(mode=0o700)
        for name in SHARED if beside else ():
            shutil.copy(beside.data / name, self.server.data / name)

    def run(self, *words):
        """Exit code and words."""
        line = [binary(), *(words or ("serve",)), "--data-dir", self.server.data, "--config", self.server.config]
        if not words:
            line += ["--listen", f"127.0.0.1:{self.server.port}", "--management-listen",
                     f"127.0.0.1:{self.server.management_port}", "--public-url", self.server.base]
        run = subprocess.run(list(map(str, line)), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        return run.returncode, run.stdout + run.stderr

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.server.port)) == 0


def refuses(what, folder, text, code, words, command=(), beside=None):
    """One start that is refused with an exit code and a sentence that holds `words`."""
    attempt = Refused(folder / what.replace(" ", "-"), text, beside)
    found, said = attempt.run(*command)
    told = [line for line in said.splitlines() if words in line]
    check(f"{what}: exit {code}, and it says \"{words}\"", found == code and told and not attempt.listens(), (found, said[-600:]))


def at_the_start(folder, cluster):
    postgres, node = cluster.postgres, cluster.nodes[0]
    address = postgres.address()
    refuses("an address of another kind", folder, config("mysql://localhost/x"), USAGE, "storage.url")
    refuses("a password in the address", folder, config("postgresql://a:secret@localhost/x"), USAGE, "storage.password_file")
    refuses("a password file that is missing", folder, config(address, 'password_file = "/nowhere"'), USAGE,
            "storage.password_file")
    refuses("nobody at the address", folder, config(f"postgresql://signet@127.0.0.1:{free_port()}/signet?sslmode=disable"),
            UNAVAILABLE, "storage.url", beside=node)
    refuses("a database that is not there", folder, config(address.replace("/signet?", "/absent?")), FAILED, "absent")
    refuses("another master key", folder, config(address), FAILED, "master")
    postgres.sql("CREATE ROLE stranger LOGIN")
    refuses("a role without rights", folder, config(address.replace("//signet@", "//stranger@")), FAILED, "denied", beside=node)
    postgres.sql("CREATE DATABASE empty", "postgres")
    empty = address.replace("/signet?", "/empty?")
    refuses("no schema and no leave to make it", folder, config(empty, 'schema = "check"'), FAILED, "schema")
    refuses("a check of no schema", folder, config(empty), FAILED, "schema", ("database", "check"))
    before = postgres.sql("SELECT version || ' ' || usable_from FROM schema_version").split()
    postgres.sql("UPDATE schema_version SET version = 999, usable_from = 999")
    refuses("a newer schema", folder, config(address), FAILED, "999", beside=node)
    refuses("a check of a newer schema", folder, config(address), FAILED, "999", ("database", "check"))
    postgres.sql("UPDATE schema_version SET version = 999, usable_from = 1")
    code, said = Refused(folder / "usable", config(address)).run("database", "check")
    check("a newer schema that this version can use is used", code == 0, said)
    postgres.sql("UPDATE schema_version SET version = 1, usable_from = 1")
    refuses("an older schema and no leave to change it", folder, config(address, 'schema = "check"'), FAILED, "schema", beside=node)
    postgres.sql(f"UPDATE schema_version SET version = {before[0]}, usable_from = {before[1]}")
    before = postgres.sql("SELECT version || ' ' || usable_from FROM record_schema").split()
    postgres.sql("UPDATE record_schema SET version = 998, usable_from = 998")
    refuses("newer tables of the record", folder, config(address), FAILED, "998", beside=node)
    refuses("a check of newer tables of the record", folder, config(address), FAILED, "998", ("database", "check"))
    postgres.sql(f"UPDATE record_schema SET version = 998, usable_from = {before[1]}")
    code, said = Refused(folder / "usable-record", config(address)).run("database", "check")
    check("newer tables of the record that this version can use are used", code == 0, said)
    postgres.sql(f"UPDATE record_schema SET version = {before[0]}, usable_from = {before[1]}")


def later(cluster):
    """The database goes away under a node, and comes back."""
    node = cluster.nodes[0]
    cluster.postgres.kill()
    give_up = time.monotonic() + 30
    while node.ready() and time.monotonic() < give_up:
        time.sleep(0.05)
    check("a node whose database is gone is not ready, and lives", not node.ready() and node.process.poll() is None)
    cluster.postgres.start()
    give_up = time.monotonic() + 60
    while not node.ready() and time.monotonic() < give_up:
        time.sleep(0.05)
    check("it is ready again once the database is back", node.ready(), node.last_words()[-600:])


def by_command(cluster, folder):
    """The schema made by its owner, a node that may only use it, and a new epoch."""
    cluster.postgres.sql("CREATE DATABASE prepared", "postgres")
    prepared = config(cluster.postgres.address().replace("/signet?", "/prepared?"), 'schema = "check"')
    operator = Refused(folder / "operator", prepared)
    code, said = operator.run("database", "migrate")
    check("`signet database migrate` makes the schema", code == 0, said)
    code, said = operator.run("database", "check")
    check("then `signet database check` is content", code == 0, said)
    with Server(folder / "user", prepared) as server:
        check("and a node that changes no schema starts", server.ready())
        server.create_tenant("Contoso")
        server.stop()
    code, said = operator.run("database", "new-epoch")
    check("`signet database new-epoch` begins an epoch that waits to be confirmed", code == 0 and "confirm" in said, said)


def main():
    if not postgres_bin():
        skip("refusals of a shared database", "no PostgreSQL server is installed (apt-get install postgresql)")
        return done()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-refusals-"))
    folder.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder, 1)
    try:
        cluster.start()
        cluster.nodes[0].create_tenant("Contoso")
        at_the_start(folder, cluster)
        later(cluster)
        by_command(cluster, folder)
    finally:
        cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return done()


if __name__ == "__main__":
    main()
