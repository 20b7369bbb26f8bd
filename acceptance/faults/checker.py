"""What a history must not show. Each rule answers the violations that it found; none looks at anything but the history.

The rules take nothing for granted that the harness did not see: an unknown outcome may have happened or not, at any
moment from its request on.
"""
import bisect
import collections

# Seconds after which a request that a client gave up takes no effect any more: the server's own limit for a request.
LATE = 30.0


def off_spans(history):
    """For each agent, the spans in which it is surely off: from an acknowledged "off" to the next request for "on"."""
    spans = collections.defaultdict(list)
    ons = collections.defaultdict(list)
    for event in history.switched:
        if event.on:
            for agent in event.agents:
                ons[agent].append((event.begun, event.ended, event.answer))
    for event in history.switched:
        if event.on or event.answer != "done":
            continue
        for agent in event.agents:
            # An "on" that was under way may have come after; one of unknown outcome may even come late.
            if any(begun <= event.ended and (ended > event.begun or answer != "done" and event.ended - ended < LATE)
                   for begun, ended, answer in ons[agent]):
                continue
            later = [on[0] for on in ons[agent] if on[0] > event.ended]
            spans[agent].append((event.ended, min(later, default=float("inf"))))
    return spans


def issued_while_off(history):
    """A token that was asked for and received between an acknowledged "off" and the next request for "on".

    A request may be decided at any moment until its answer is read: on a node that was paused, after the next "on".
    """
    spans = off_spans(history)
    return [event for event in history.issued
            if any(off < event.begun and event.ended < on for off, on in spans[event.agent])]


def active_after_off(history, bound):
    """A token from before an acknowledged "off" that a resource was told is active more than `bound` seconds after it.

    Whether the agent has been switched on again since makes no difference: nothing is revived.
    """
    offs = collections.defaultdict(list)
    for event in history.switched:
        if not event.on and event.answer == "done":
            for agent in event.agents:
                offs[agent].append(event.ended)
    for moments in offs.values():
        moments.sort()
    received = {event.uti: event.ended for event in history.issued}
    found = []
    for event in history.introspected:
        if not event.active or event.uti not in received:
            continue
        moments = offs[event.agent]
        at = bisect.bisect_left(moments, received[event.uti])
        if at < len(moments) and event.begun > moments[at] + bound:
            found.append((event, event.begun - moments[at]))
    return found


def lost_writes(history):
    """A read that began after a write was acknowledged and shows an older value, or one that nobody wrote."""
    acknowledged, tried = collections.defaultdict(list), collections.defaultdict(set)
    for event in history.wrote:
        tried[event.thing].add(event.value)
        if event.answer == "done":
            acknowledged[event.thing].append((event.ended, event.value))
    found = []
    for thing in acknowledged:
        acknowledged[thing].sort()
    for event in history.read:
        known = acknowledged[event.thing]
        at = bisect.bisect_left(known, (event.begun,)) - 1
        least = max((value for _, value in known[max(0, at - 3):at + 1]), default=0)
        if event.value < least or (event.value and event.value not in tried[event.thing]):
            found.append((event, least))
    return found


def unrecorded(history, recorded):
    """Tokens that a client received and that have no sign-in record, or several. `recorded` counts records by token."""
    return [(event, recorded.get(event.uti, 0)) for event in history.issued if recorded.get(event.uti, 0) != 1]


def audited_wrongly(history, audited):
    """Acknowledged writes without exactly one audit record, and unknown ones with several. `audited` counts records by
    (thing, value)."""
    found = []
    for event in history.wrote:
        count = audited.get((event.thing, event.value), 0)
        if count > 1 or (event.answer == "done" and count != 1):
            found.append((event, count))
    return found
