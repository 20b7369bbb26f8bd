#!/usr/bin/env python3
"""The checker finds what it is for: each rule sees a history that breaks it, and passes one that does not."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from checks import check, done
from faults import checker
from faults.history import History, Introspected, Issued, Read, Switched, Wrote


def history(*events):
    made = History()
    for event in events:
        made.note(event)
    return made


def off(begun, ended, answer="done"):
    return Switched(("a",), begun, ended, False, "n1", answer)


def on(begun, ended, answer="done"):
    return Switched(("a",), begun, ended, True, "n1", answer)


def token(begun, ended, uti="t"):
    return Issued("a", begun, ended, uti, "n2")


def told(begun, active, uti="t"):
    return Introspected("a", begun, begun + 0.1, uti, "n3", active)


def main():
    found = lambda *events: len(checker.issued_while_off(history(*events)))
    check("a token after an acknowledged off is found", found(off(1, 2), token(3, 4)) == 1)
    check("a token under way at the acknowledgement is none", found(off(1, 2), token(1.9, 4)) == 0)
    check("a token after the next on is none", found(off(1, 2), on(3, 4), token(3.1, 4)) == 0)
    check("a token between off and on is found", found(off(1, 2), token(2.5, 2.9), on(3, 4)) == 1)
    check("a token received after the next request for on is none", found(off(1, 2), token(2.5, 6), on(3, 4)) == 0)
    check("an off of unknown outcome proves nothing", found(off(1, 2, "unknown"), token(3, 4)) == 0)
    check("an on under way during the off proves nothing", found(on(1.5, 2.5), off(1, 2), token(2.2, 3)) == 0)
    check("an unknown on before it may come late", found(on(0, 1.2, "unknown"), off(1, 2), token(3, 4)) == 0)
    check("another agent's token is none", found(off(1, 2), Issued("b", 3, 4, "t", "n1")) == 0)

    found = lambda *events: len(checker.active_after_off(history(*events), 2))
    check("an active answer past the bound is found", found(token(0, 1), off(1, 2), told(4.5, True)) == 1)
    check("within the bound it is none", found(token(0, 1), off(1, 2), told(3.5, True)) == 0)
    check("an inactive answer is none", found(token(0, 1), off(1, 2), told(9, False)) == 0)
    check("being on again revives nothing", found(token(0, 1), off(1, 2), on(3, 4), told(9, True)) == 1)
    check("a token of the time after is none", found(off(1, 2), on(3, 4), token(4, 5), told(9, True)) == 0)

    found = lambda *events: len(checker.lost_writes(history(*events)))
    wrote = lambda value, begun, answer="done": Wrote("x", begun, begun + 1, value, "n1", answer)
    read = lambda value, begun: Read("x", begun, begun + 0.1, value, "n2")
    check("an older value after the acknowledgement is found", found(wrote(1, 0), wrote(2, 2), read(1, 4)) == 1)
    check("the value itself is none", found(wrote(1, 0), wrote(2, 2), read(2, 4)) == 0)
    check("a later, unacknowledged value is none", found(wrote(1, 0), wrote(2, 2, "unknown"), read(2, 4)) == 0)
    check("a value that nobody wrote is found", found(wrote(1, 0), read(7, 4)) == 1)
    check("a read from before the acknowledgement is none", found(wrote(1, 0), read(0, 0.5)) == 0)

    check("a token without a record is found", len(checker.unrecorded(history(token(0, 1)), {})) == 1)
    check("a token with two is found", len(checker.unrecorded(history(token(0, 1)), {"t": 2})) == 1)
    check("a token with one is none", checker.unrecorded(history(token(0, 1)), {"t": 1}) == [])
    audited = lambda answer, count: len(checker.audited_wrongly(history(wrote(1, 0, answer)), {("x", 1): count}))
    check("a write without its audit record is found", audited("done", 0) == 1)
    check("a write done twice is found", audited("unknown", 2) == 1)
    check("an unknown write with one or none is none", audited("unknown", 1) == audited("unknown", 0) == 0)
    done()


if __name__ == "__main__":
    main()
