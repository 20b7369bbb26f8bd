"""Signing keys over several nodes (invariant 13): published by every node before anyone signs with them, and for as long as a
token of theirs lives. The nodes' clocks are moved on one after another, so that for a while one of them signs with the new keys
and the others do not yet."""
import time

import jwt

from background import Background
from checks import check, skip
from directory import TokenClient
from faults.cluster import FAKETIME
from faults.load import SCOPE
from https_client import Client, header

# After this long a published key signs (schedule.rs: JWKS_MAX_AGE and MARGIN), and after that long no token of a key that
# signs no more lives (LONGEST_TOKEN and LEEWAY), in seconds.
UNTIL_IT_SIGNS, UNTIL_IT_IS_GONE = 11 * 60, 65 * 60


class Watch(Background):
    """Gets tokens from every node and the published keys of every node, and notes when each was asked for and answered."""

    def __init__(self, scene):
        self._scene, self.issued, self.published, self.refused = scene, [], [], []
        works = [(self._publish, node) for node in scene.nodes] + [(self._issue, node) for node in scene.nodes]
        super().__init__(works)

    def _publish(self, node):
        while not self.over.is_set():
            begun = time.monotonic()
            keys = published(self._scene, node)
            self.published.append((begun, time.monotonic(), node.name, set(keys)))
            time.sleep(0.01)

    def _issue(self, node):
        while not self.over.is_set():
            for token in tokens(self._scene, node, self.refused):
                self.issued.append((*token, node.name))
            time.sleep(0.01)

    def kids(self, node=None):
        """The keys that have signed, at a node or at any."""
        return {header(token)["kid"] for _, _, token, name in list(self.issued) if node in (None, name)}

    def unlisted(self, old):
        """Answers of a node without a key that had signed by then, and nodes that did not publish one that is not old before."""
        wrong = []
        for kid in self.kids():
            first = min(begun for begun, _, token, _ in self.issued if header(token)["kid"] == kid)
            wrong += [(kid, name) for _, ended, name, keys in self.published if ended >= first and kid not in keys]
            wrong += [(kid, node.name, "not before") for node in self._scene.nodes if kid not in old and not any(
                ended < first and kid in keys for _, ended, name, keys in self.published if name == node.name)]
        return wrong


def published(scene, node):
    """Key id to key, as a node publishes them now."""
    tenant = scene.directories[node.name].tenant
    answer = Client(node.base, node.ca, 20, node.at).request("GET", f"/{tenant}/discovery/v2.0/keys")
    return {key["kid"]: key for key in answer.json()["keys"]}


def tokens(scene, node, refused):
    """Both tokens of an agent, each with the moments before and after."""
    steps = TokenClient(scene.directories[node.name], node.ca, scene.blueprint["appId"], scene.secret)
    steps.client, agent, got = Client(node.base, node.ca, 20, node.at), scene.agents[0]["id"], []
    for step in (lambda: steps.first_step(agent), lambda: steps.second_step(agent, got[0][2], SCOPE)):
        begun = time.monotonic()
        answer = step()
        if answer.status != 200:
            refused.append((node.name, str(answer)[:300]))
            break
        got.append((begun, time.monotonic(), answer.json()["access_token"]))
    return got


def is_active(scene, node, token):
    path = f"{scene.directories[node.name].token_path.removesuffix('token')}introspect"
    return Client(node.base, node.ca, 20, node.at).form(path, {
        "client_id": scene.resource["appId"], "client_secret": scene.resource_secret, "token": token}).json()["active"]


def verifies(scene, node, token):
    """Whether a resource that fetches the keys from this node now takes the signature."""
    key = published(scene, node).get(header(token)["kid"])
    if key is None:
        return False
    jwt.decode(token, jwt.PyJWK(key), algorithms=[header(token)["alg"]],
               options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False})
    return True


def wait_for(what, patience=30):
    give_up = time.monotonic() + patience
    while not what():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def key_publication(cluster, scene):
    if not FAKETIME.exists():
        return skip("keys are published before they sign", "Debian's faketime is not installed")
    for node in cluster.nodes:
        node.stop()
        node.set_clock(0)
        node.start()
    first, *others = cluster.nodes
    with Watch(scene) as watch:
        ready = lambda: all(watch.kids(node.name) for node in cluster.nodes)
        check("every node issues tokens before the rotation", wait_for(ready), watch.refused[:3])
        old = watch.kids()
        last = tokens(scene, first, watch.refused)[-1][2]
        first.command("keys", "rotate")
        coming = lambda: all(len(published(scene, node)) == 2 * len(old) for node in cluster.nodes)
        check("a rotation is published by every node, and signs nothing", wait_for(coming) and watch.kids() == old)
        for number, node in enumerate(cluster.nodes):
            node.set_clock(UNTIL_IT_SIGNS)
            signed = wait_for(lambda: watch.kids(node.name) - old)
            check(f"once its time has come {node.name} signs with the new keys", signed, watch.refused[-3:])
            if number == 0:
                early = [other.name for other in others if watch.kids(other.name) - old]
                check("the others do not yet, whose time has not come", not early, early)
    wrong = watch.unlisted(old)
    check(f"{len(watch.issued)} tokens, {len(watch.published)} looks at the published keys: every key was published by every node"
          " before a node signed with it, and stayed so", not wrong and len(watch.kids()) == 2 * len(old), wrong[:3])
    living = [node.name for node in cluster.nodes if verifies(scene, node, last) and is_active(scene, node, last)]
    check("a token of an old key verifies with the keys of every node", len(living) == len(cluster.nodes), living)
    for node in cluster.nodes:
        node.set_clock(UNTIL_IT_SIGNS + UNTIL_IT_IS_GONE + 60)
    gone = lambda: not any(old & set(published(scene, node)) for node in cluster.nodes)
    check("once its tokens have expired no node publishes an old key", wait_for(gone))
    dead = [node.name for node in cluster.nodes if not is_active(scene, node, last)]
    check("nor says of its token that it lives", len(dead) == len(cluster.nodes), dead)
    return None
