"""A keep-alive HTTPS client of the standard library: what the harness itself talks with, apart from the clients it proves."""
import base64
import http.client
import json
import socket
import ssl
import threading
import urllib.parse


class Answer:
    """One HTTP answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body) if self.body else {}

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Client:
    """One connection per thread to one server of ours, opened again when it broke.

    `at` is where the server really listens, for one of several nodes that share the public name in `base`.
    """

    def __init__(self, base, ca, timeout=60, at=None):
        address = urllib.parse.urlsplit(base)
        if address.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError(f"loopback only, not {address.hostname}")
        self._address, self._timeout, self._at = (address.hostname, address.port), timeout, at
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._mine = threading.local()

    def request(self, method, path, body=None, headers=None):
        """One request; a broken connection is not hidden by a retry, only dropped."""
        connection = getattr(self._mine, "connection", None)
        if connection is None:
            connection = http.client.HTTPSConnection(*self._address, timeout=self._timeout, context=self._tls)
            if self._at:
                connection._create_connection = lambda _, *words: socket.create_connection(self._at, *words)
            self._mine.connection = connection
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def form(self, path, fields, headers=None):
        """A form, as OAuth posts it."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, urllib.parse.urlencode(fields), kind | (headers or {}))

    def json(self, method, path, body=None, bearer=None, headers=None):
        """A JSON request, as Graph takes it."""
        sent = {"content-type": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        return self.request(method, path, None if body is None else json.dumps(body), sent | (headers or {}))

    def local_port(self):
        """The port this thread's connection leaves from."""
        return self._mine.connection.sock.getsockname()[1]

    def close(self):
        """Drops this thread's connection."""
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            connection.close()
            self._mine.connection = None


def claims(token):
    """The claims of a JWT, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def header(token):
    """The header of a JWT."""
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
