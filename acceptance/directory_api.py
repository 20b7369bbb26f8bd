#!/usr/bin/env python3
"""The directory API over the wire of the built server: behaviours that show only there."""
from urllib.parse import parse_qs, urlsplit

from checks import check, done
from fixture import running

MORE = 101  # with the fixture's own agents more than a default page


def behaviour_13_agents_are_listed_by_pages(fixture):
    directory, list_of = fixture.directory, "/servicePrincipals/microsoft.graph.agentIdentity"
    made = {one["id"] for one in (fixture.agent, *fixture.more_agents)} | {
        directory.agent(fixture.blueprint, fixture.sponsor)["id"] for _ in range(MORE)}
    first = directory.call("GET", f"{list_of}?$top=5")
    check("behaviour 13: at most five are answered", len(first["value"]) == 5)
    link = first["@odata.nextLink"]
    check("behaviour 13: the next link carries $skiptoken", "$skiptoken" in parse_qs(urlsplit(link).query), link)
    check("behaviour 13: a page holds 100 unless asked", len(directory.call("GET", list_of)["value"]) == 100)
    seen = [one["id"] for one in directory.pages(f"{list_of}?$top=40")]
    check("behaviour 13: every agent once", len(seen) == len(set(seen)) and set(seen) == made, len(seen))


def main():
    with running() as fixture:
        behaviour_13_agents_are_listed_by_pages(fixture)
    done()


if __name__ == "__main__":
    main()
