"""A PostgreSQL server of the harness's own, on a private socket, from Debian's packages. Root hands it to `postgres`."""
import os
import pathlib
import shutil
import subprocess


def _bin():
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


def installed():
    return _bin() is not None


class Cluster:
    """One server with one empty database, `signet`; gone with the block."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._data, self._socket = self.folder / "data", self.folder / "socket"

    def _as_user(self, *words):
        """The server refuses to run as root."""
        other = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
        run = subprocess.run([*other, *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/")
        if run.returncode != 0:
            raise RuntimeError(f"{words[0]}: {run.stdout}{run.stderr}")
        return run.stdout

    def __enter__(self):
        self._socket.mkdir(parents=True)
        if os.geteuid() == 0:
            for parent in (self.folder, *self.folder.parents):
                if parent.stat().st_mode & 0o011 != 0o011 and len(parent.parts) > 2:
                    parent.chmod(parent.stat().st_mode | 0o011)
            for folder in (self.folder, self._socket):
                shutil.chown(folder, "postgres", "postgres")
        self._as_user(_bin() / "initdb", "-D", self._data, "-U", "signet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self._as_user(_bin() / "pg_ctl", "-D", self._data, "-w", "-l", self.folder / "log", "-o",
                      f"-c listen_addresses='' -c unix_socket_directories={self._socket}", "start")
        self.sql("CREATE DATABASE signet", "postgres")
        return self

    def __exit__(self, *_):
        self._as_user(_bin() / "pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def url(self, user="signet"):
        return f"postgresql://{user}@/signet?host={self._socket}"

    def sql(self, text, database="signet", quiet=False):
        run = subprocess.run([_bin() / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self._socket, "-U", "signet",
                              "-d", database, "-c", text], capture_output=True, text=True)
        if run.returncode != 0 and not quiet:
            raise RuntimeError(run.stderr)
        return run.stdout.strip() if run.returncode == 0 else ""
