"""The operations that the scale bench measures, each a name and what does it once."""
import json
import urllib.parse

AGENTS = "/v1.0/servicePrincipals/microsoft.graph.agentIdentity"


def query(path, **options):
    """A path with its query options; `_` stands for `$`."""
    pairs = {name.replace("_", "$", 1): value for name, value in options.items()}
    return f"{path}?{urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, safe='$')}"


def operations(filling):
    """Name and action, in the order they are measured."""
    directory, choose = filling.directory, filling.random.choice
    get = filling.get

    def any_number():
        return filling.random.randrange(filling.agents)

    def blueprint():
        """One of few agents: none at the smallest size, some at the largest."""
        return filling.app_ids[filling.random.randrange(20, len(filling.app_ids))]

    def large_blueprint():
        """One of those that have the most: five at least at every size, so that the answer is as long."""
        return filling.app_ids[filling.random.randrange(10)]

    def in_the_middle():
        """A page that starts behind half of the list: after an agent whose id is known."""
        return get(middle)

    def batch(requests):
        body = {"requests": [{"id": str(place)} | request for place, request in enumerate(requests)]}
        answer = directory.client.json("POST", "/v1.0/$batch", body, directory.bearer())
        if answer.status != 200 or any(one["status"] >= 300 for one in json.loads(answer.body)["responses"]):
            raise RuntimeError(f"a batch failed: {answer}")

    def changed(identifier):
        directory.call("PATCH", f"/servicePrincipals/{identifier}", {"tags": [f"seen {any_number()}"]})

    def created():
        directory.call("POST", "/servicePrincipals/microsoft.graph.agentIdentity", {
            "displayName": "one more", "agentIdentityBlueprintId": blueprint(),
            "sponsors@odata.bind": [directory.reference("users", filling.sponsor["id"])]})

    def removed():
        agent = directory.call("POST", "/servicePrincipals/microsoft.graph.agentIdentity", {
            "displayName": "soon gone", "agentIdentityBlueprintId": blueprint(),
            "sponsors@odata.bind": [directory.reference("users", filling.sponsor["id"])]})
        directory.call("DELETE", f"/servicePrincipals/{agent['id']}")

    class Delta:
        """Follows the list of agents by its delta links."""
        link = get(query(f"{AGENTS}/delta", _deltatoken="latest")).json()["@odata.deltaLink"]

        @classmethod
        def step(cls):
            answer = get(cls.link.removeprefix(directory.base)).json()
            cls.link = answer.get("@odata.deltaLink") or answer["@odata.nextLink"]
            return answer["value"]

        @classmethod
        def after_a_change(cls):
            changed(choose(filling.ids))
            if not cls.step():
                raise RuntimeError("the delta does not tell of the change")

    page = get(query(AGENTS, _top=100, _skip=min(filling.agents // 2, 5_000))).json()
    middle = page.get("@odata.nextLink", f"{AGENTS}?$top=100").removeprefix(directory.base)
    return [
        ("get", lambda: get(f"/v1.0/servicePrincipals/{choose(filling.ids)}")),
        ("get of the type", lambda: get(f"{AGENTS}/{choose(filling.ids)}")),
        ("get by appId", lambda: get(f"/v1.0/servicePrincipals(appId='{choose(filling.ids)}')")),
        ("list, first page of 100", lambda: get(f"{AGENTS}?$top=100")),
        ("list, a page in the middle", in_the_middle),
        ("list of every kind, 100", lambda: get("/v1.0/servicePrincipals?$top=100")),
        ("filter by blueprint", lambda: get(
            query(AGENTS, _filter=f"agentIdentityBlueprintId eq '{large_blueprint()}'", _top=5))),
        ("filter by blueprint, a small one", lambda: get(
            query(AGENTS, _filter=f"agentIdentityBlueprintId eq '{blueprint()}'", _top=5))),
        ("filter by name", lambda: get(query(AGENTS, _filter=f"displayName eq 'agent {any_number()}'"))),
        ("filter by name, every kind", lambda: get(
            query("/v1.0/servicePrincipals", _filter=f"displayName eq 'agent {any_number()}'"))),
        ("filter startsWith(name)", lambda: get(
            query(AGENTS, _filter=f"startsWith(displayName,'agent {any_number()}')", _top=5))),
        ("filter by tag, unindexed, 100", lambda: get(
            query(AGENTS, _filter="tags/any(t:t eq 'team-7')", _top=100))),
        ("search, 25", lambda: get(query(AGENTS, _search=f'"displayName:agent {any_number()}"', _top=25))),
        ("$count", lambda: get(f"{AGENTS}/$count")),
        ("$count of every kind", lambda: get("/v1.0/servicePrincipals/$count")),
        ("$count of a blueprint's", lambda: get(
            query(f"{AGENTS}/$count", _filter=f"agentIdentityBlueprintId eq '{blueprint()}'"))),
        ("list with $count=true", lambda: get(query(AGENTS, _top=100, _count="true"))),
        ("order by name, 25", lambda: get(query(AGENTS, _orderby="displayName", _top=25))),
        ("order by name, downwards, 25", lambda: get(query(AGENTS, _orderby="displayName desc", _top=25))),
        ("delta, nothing new", Delta.step),
        ("change and delta", Delta.after_a_change),
        ("change", lambda: changed(choose(filling.ids))),
        ("create", created),
        ("create and delete", removed),
        ("$batch of 20 gets", lambda: batch(
            [{"method": "GET", "url": f"/servicePrincipals/{choose(filling.ids)}"} for _ in range(20)])),
    ]


def scan():
    """Filters that no index helps, which match nothing: every row is looked at."""
    agents = AGENTS.removeprefix("/v1.0")
    return [
        ("unindexed filter, text", query(agents, _filter="contains(displayName,'no such name')")),
        ("unindexed filter, boolean", query(agents, _filter="accountEnabled eq false")),
    ]
