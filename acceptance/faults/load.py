"""The load: threads that get tokens, ask about them, throw switches and write, each through one node or all in turn."""
import http.client
import random
import threading
import time
import uuid

from background import Background
from directory import TokenClient
from fixture import RESOURCE
from faults.history import Introspected, Issued, Read, Switched, Wrote, now
from https_client import Client, claims

BROKEN = (OSError, http.client.HTTPException)
SCOPE = f"{RESOURCE}/.default"
# How long a client waits. Shorter than the server's own limit, so that answers of unknown outcome do occur.
PATIENCE = 5.0
# How often each writer's thing and each agent's switch are touched at most, in seconds.
PAUSE = 0.02


class Scene:
    """What the load acts on: agents of one blueprint, the resource that introspects, and an administrator per node."""

    def __init__(self, nodes, directories, blueprint, secret, principal, agents, resource, resource_secret):
        self.nodes, self.directories = nodes, directories
        self.blueprint, self.secret, self.principal = blueprint, secret, principal
        self.agents, self.resource, self.resource_secret = agents, resource, resource_secret


class Load(Background):
    """Runs until the block ends; everything seen goes into the history."""

    def __init__(self, scene, history, seed, tokens_per_node=2):
        self._scene, self._history, self._seed = scene, history, seed
        self._known, self._lock = [], threading.Lock()
        works = []
        for node in scene.nodes:
            works += [(self._tokens, node, number) for number in range(tokens_per_node)]
            works += [(self._introspect, node), (self._write, node)]
        super().__init__([*works, (self._switch,)])

    def _dice(self, *words):
        return random.Random(f"{self._seed} {words}")

    def _client(self, node):
        return Client(node.base, node.ca, PATIENCE, node.at)

    def _refused(self, node, answer):
        self._history.count(self._history.refused, (node.name, answer.status))
        if answer.status >= 500 or answer.status == 429:
            time.sleep(0.05)

    def _unreachable(self, node, client):
        self._history.count(self._history.unreachable, node.name)
        client.close()
        time.sleep(0.1)

    def _tokens(self, node, number):
        scene, dice, old = self._scene, self._dice("tokens", node.name, number), {}
        steps = TokenClient(scene.directories[node.name], node.ca, scene.blueprint["appId"], scene.secret)
        steps.client = self._client(node)
        while not self.over.is_set():
            agent = dice.choice(scene.agents)["id"]
            try:
                if agent in old and dice.random() < 0.3:
                    self._second(node, steps, agent, old[agent])
                begun = now()
                answer = steps.first_step(agent)
                if answer.status != 200:
                    self._refused(node, answer)
                    continue
                old[agent] = answer.json()["access_token"]
                self._note(node, agent, begun, old[agent])
                self._second(node, steps, agent, old[agent])
            except BROKEN:
                self._unreachable(node, steps.client)

    def _second(self, node, steps, agent, t1):
        begun = now()
        answer = steps.second_step(agent, t1, SCOPE)
        if answer.status != 200:
            return self._refused(node, answer)
        token = answer.json()["access_token"]
        self._note(node, agent, begun, token)
        with self._lock:
            self._known.append((agent, token))
        return None

    def _note(self, node, agent, begun, token):
        self._history.note(Issued(agent, begun, now(), claims(token)["uti"], node.name))

    def _introspect(self, node):
        scene, dice = self._scene, self._dice("introspect", node.name)
        client, path = self._client(node), f"{scene.directories[node.name].token_path.removesuffix('token')}introspect"
        resource = {"client_id": scene.resource["appId"], "client_secret": scene.resource_secret}
        while not self.over.is_set():
            with self._lock:
                recent = self._known[-50:] if dice.random() < 0.7 else self._known
                agent, token = dice.choice(recent) if recent else (None, None)
            if token is None:
                time.sleep(0.05)
                continue
            begun = now()
            try:
                answer = client.form(path, resource | {"token": token})
            except BROKEN:
                self._unreachable(node, client)
                continue
            if answer.status == 200:
                self._history.note(Introspected(agent, begun, now(), claims(token)["uti"], node.name, answer.json()["active"]))
            else:
                self._refused(node, answer)
            time.sleep(PAUSE)

    def _patch(self, node, client, path, body):
        """`done`, `refused`, or `unknown`: whoever gets no answer, or a 5xx, cannot tell."""
        try:
            answer = client.json("PATCH", f"/v1.0{path}", body, self._scene.directories[node.name].bearer())
        except (*BROKEN, RuntimeError):
            self._unreachable(node, client)
            return "unknown"
        if answer.status in (200, 204):
            return "done"
        self._refused(node, answer)
        return "unknown" if answer.status >= 500 else "refused"

    def _write(self, node):
        """One person whose name counts up; read back from any node."""
        scene, dice, value = self._scene, self._dice("write", node.name), 0
        clients = {each.name: self._client(each) for each in scene.nodes}
        nick = f"writer-{node.name}-{uuid.uuid4().hex[:6]}"
        person = scene.directories[scene.nodes[0].name].user(nick)["id"]
        while not self.over.is_set():
            value += 1
            begun = now()
            answer = self._patch(node, clients[node.name], f"/users/{person}", {"displayName": f"w {value}"})
            if answer != "refused":
                self._history.note(Wrote(person, begun, now(), value, node.name, answer))
            # Its own node answers with its own writes; any other within the bound, which the read-back at the end shows.
            self._read(node, clients[node.name], person)
            time.sleep(dice.uniform(PAUSE, 5 * PAUSE))

    def _read(self, node, client, person):
        begun = now()
        try:
            answer = client.json("GET", f"/v1.0/users/{person}?$select=displayName", bearer=self._scene.directories[node.name].bearer())
        except (*BROKEN, RuntimeError):
            return self._unreachable(node, client)
        if answer.status != 200:
            return self._refused(node, answer)
        name = answer.json()["displayName"]
        return self._history.note(Read(person, begun, now(), int(name[2:]) if name.startswith("w ") else 0, node.name))

    def _switch(self):
        """Off, a while, on again: mostly one agent, sometimes the blueprint's principal and with it all of them."""
        scene, dice = self._scene, self._dice("switch")
        clients = {each.name: self._client(each) for each in scene.nodes}
        while not self.over.is_set():
            everyone = dice.random() < 0.25
            target = scene.principal if everyone else dice.choice(scene.agents)
            agents = tuple(agent["id"] for agent in scene.agents) if everyone else (target["id"],)
            self._throw(dice, clients, target, agents, False)
            time.sleep(dice.uniform(0.1, 1.0))
            while self._throw(dice, clients, target, agents, True) != "done" and not self.over.is_set():
                time.sleep(0.1)
            time.sleep(dice.uniform(0.1, 1.0))

    def _throw(self, dice, clients, target, agents, on):
        node = dice.choice(self._scene.nodes)
        begun = now()
        answer = self._patch(node, clients[node.name], f"/servicePrincipals/{target['id']}", {"accountEnabled": on})
        if answer != "refused":
            self._history.note(Switched(agents, begun, now(), on, node.name, answer))
        return answer
