"""A tenant that fills up with agents, through the public API."""
import concurrent.futures
import itertools
import json
import random
import re
import time

OBJECT_ID = re.compile(rb'"id":"([0-9a-f]{8}-[0-9a-f-]{27})"')
BATCH = 20


class Filling:
    """One tenant: blueprints, and agents spread over them by Zipf's law."""

    def __init__(self, directory, blueprints, threads, sampled):
        self.directory, self._count, self._threads, self._sampled = directory, blueprints, threads, sampled
        self.random = random.Random(20261121)
        self.agents, self.sample, self.ids = 0, [], []
        self.sponsor = directory.user("sponsor")
        self.first_blueprint = self.secret = None
        self.app_ids = []

    def over_threads(self, action, things):
        """Does `action` to all of `things`."""
        with concurrent.futures.ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(action, things))

    def blueprints_and_principals(self):
        """The blueprints, each with its principal, one call each."""
        begun = time.monotonic()
        made = self.over_threads(
            lambda number: self.directory.blueprint(self.sponsor, f"blueprint {number}")[0], range(self._count))
        taken = time.monotonic() - begun
        self.first_blueprint = made[0]
        self.secret = self.directory.password(made[0])
        self.app_ids = [blueprint["appId"] for blueprint in made]
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, len(made) + 1)))
        print(f"created {len(made):,} blueprints and their principals, one call each, over {self._threads} "
              f"connections: {2 * len(made) / taken:,.0f}/s", flush=True)

    def fill(self, size):
        """Creates agents until there are so many."""
        numbers = range(self.agents, size)
        plans = []
        for start in range(0, len(numbers), BATCH):
            some = numbers[start:start + BATCH]
            plans.append((some, self.random.choices(range(len(self.app_ids)), cum_weights=self._weights, k=len(some))))
        self.over_threads(self._create, plans)
        self.agents = size

    def _create(self, plan):
        numbers, ranks = plan
        reference = self.directory.reference("users", self.sponsor["id"])
        requests = [{
            "id": str(place), "method": "POST", "url": "/servicePrincipals/microsoft.graph.agentIdentity",
            "headers": {"Content-Type": "application/json"},
            "body": {"displayName": f"agent {number}", "agentIdentityBlueprintId": self.app_ids[rank],
                     "tags": ["bench", f"team-{number % 97}"], "sponsors@odata.bind": [reference]},
        } for place, (number, rank) in enumerate(zip(numbers, ranks))]
        answer = self.directory.client.json("POST", "/v1.0/$batch", {"requests": requests}, self.directory.bearer())
        if answer.status != 200 or answer.body.count(b'"status":201') != len(requests):
            raise RuntimeError(f"a batch was not created: {answer}")
        if len(self.sample) < self._sampled and 0 in ranks or len(self.ids) < 5_000:
            made = {item["id"]: item["body"]["id"] for item in json.loads(answer.body)["responses"]}
            self.ids += made.values()
            self.sample += [made[str(place)] for place, rank in enumerate(ranks) if rank == 0]

    def get(self, path):
        """One GET that must succeed."""
        answer = self.directory.client.json("GET", path, bearer=self.directory.bearer())
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer}")
        return answer

    def walk(self, path):
        """Follows next links to the end; answers how many answers that took."""
        pages, path = 0, "/v1.0" + path
        while path:
            page = self.get(path).json()
            path, pages = page.get("@odata.nextLink", "").removeprefix(self.directory.base), pages + 1
        return pages
