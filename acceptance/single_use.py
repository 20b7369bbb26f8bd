"""An assertion that an application wants accepted once is refused by every node after any of them took it."""
import threading
import time
import uuid

import jwt

import certificates
from checks import check
from directory import BEARER, EXCHANGE
from https_client import Client

USED = 70002


class Assertions:
    """What the blueprint signs of itself, and how each node answers it."""

    def __init__(self, scene, folder):
        certificates.client(folder, "single-use")
        self._key, self._scene = (folder / "single-use.key").read_text(), scene
        self._directory = scene.directories[scene.nodes[0].name]
        self._directory.call("PATCH", f"/applications/{scene.blueprint['id']}", {
            "keyCredentials": [certificates.key_credential(folder, "single-use")], "singleUseAssertions": True})
        self._clients = {node.name: Client(node.base, node.ca, 20, node.at) for node in scene.nodes}

    def fresh(self):
        now, app = int(time.time()), self._scene.blueprint["appId"]
        endpoint = self._directory.base + self._directory.token_path
        return jwt.encode({"iss": app, "sub": app, "aud": endpoint, "jti": str(uuid.uuid4()), "nbf": now - 5, "exp": now + 300},
                          self._key, algorithm="RS256")

    def present(self, node, assertion):
        """200, or the number of the refusal."""
        answer = self._clients[node.name].form(self._directory.token_path, {
            "grant_type": "client_credentials", "client_id": self._scene.blueprint["appId"], "scope": f"{EXCHANGE}/.default",
            "fmi_path": self._scene.agents[0]["id"], "client_assertion_type": BEARER, "client_assertion": assertion})
        return 200 if answer.status == 200 else answer.json().get("error_codes", [answer.status])[0]

    def at_once(self, assertion):
        """What all nodes answer who get it at the same moment."""
        answers, ready = [], threading.Barrier(len(self._scene.nodes))

        def present(node):
            ready.wait()
            answers.append(self.present(node, assertion))

        threads = [threading.Thread(target=present, args=(node,)) for node in self._scene.nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers)


def single_use(scene, folder, dice, bound):
    """Each assertion is presented to one node, then to all; then others to all at the same moment."""
    assertions, wrong = Assertions(scene, folder), []
    time.sleep(bound)  # until every node has seen what the application wants
    for _ in range(20):
        assertion, first = assertions.fresh(), dice.choice(scene.nodes)
        answers = [assertions.present(node, assertion) for node in (first, *scene.nodes)]
        if answers != [200] + [USED] * len(scene.nodes):
            wrong.append(answers)
    check("an assertion for single use that one node took is refused by each of them", not wrong, wrong[:3])
    raced = [assertions.at_once(assertions.fresh()) for _ in range(50)]
    wrong = [answers for answers in raced if answers != [200] + [USED] * (len(scene.nodes) - 1)]
    check("of all nodes that get one at the same moment exactly one takes it, 50 times", not wrong, wrong[:3])
