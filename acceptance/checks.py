"""What every acceptance script prints: one line per check, then `N passed, N failed`."""
import sys

_passed = _failed = _skipped = 0


def check(name, ok, detail=""):
    """Counts and prints one check."""
    global _passed, _failed
    _passed, _failed = (_passed + 1, _failed) if ok else (_passed, _failed + 1)
    print(("ok   " if ok else "FAIL ") + name + (f"  [{str(detail)[:400]}]" if detail and not ok else ""), flush=True)
    return bool(ok)


def expect(name, action, ok=bool):
    """Runs `action`; passes when `ok(result)` holds and nothing was raised."""
    try:
        result = action()
    except Exception as error:  # a client may raise anything; the check says what
        check(name, False, f"{type(error).__name__}: {error}")
        return None
    check(name, ok(result), result)
    return result


def skip(name, reason):
    """Names a check that waits for something, so that nobody takes its absence for a pass."""
    global _skipped
    _skipped += 1
    print(f"skip {name}  [{reason}]", flush=True)


def failed():
    """How many checks have failed so far."""
    return _failed


def done():
    """Prints the sum and ends the process with it."""
    print(f"{_passed} passed, {_failed} failed" + (f", {_skipped} skipped" if _skipped else ""), flush=True)
    sys.exit(1 if _failed or not _passed else 0)
