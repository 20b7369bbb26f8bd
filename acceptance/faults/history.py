"""What happened, as the harness saw it: every request with the moments it began and ended, on one monotonic clock."""
import collections
import threading
import time

# A token that was issued for an agent: `begun` and `ended` of the request, `uti` of the token.
Issued = collections.namedtuple("Issued", "agent begun ended uti node")
# What a resource was told of a token.
Introspected = collections.namedtuple("Introspected", "agent begun ended uti node active")
# The switch of an agent (or of a blueprint's principal, then all its agents): `answer` is "done", or "unknown" where
# the caller cannot tell.
Switched = collections.namedtuple("Switched", "agents begun ended on node answer")
# A value written to a thing of one writer, who writes 1, 2, 3 …
Wrote = collections.namedtuple("Wrote", "thing begun ended value node answer")
# What a node said that value was.
Read = collections.namedtuple("Read", "thing begun ended value node")
# A fault, from its begin to the moment it was undone.
Fault = collections.namedtuple("Fault", "name begun ended")


class History:
    """Lists that many threads append to."""

    def __init__(self):
        self._lock = threading.Lock()
        self.issued, self.introspected, self.switched = [], [], []
        self.wrote, self.read, self.faults = [], [], []
        self.refused, self.unreachable = collections.Counter(), collections.Counter()

    def note(self, event):
        kept = {Issued: self.issued, Introspected: self.introspected, Switched: self.switched, Wrote: self.wrote,
                Read: self.read, Fault: self.faults}[type(event)]
        with self._lock:
            kept.append(event)

    def count(self, counter, key):
        with self._lock:
            counter[key] += 1


def now():
    return time.monotonic()
