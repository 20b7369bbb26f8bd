"""Another master key for nodes that share a database, taken into use by one node after the other while all of them serve."""
import shutil
import subprocess

from checks import check
from directory import TokenClient
from server import binary


def run(node, *words):
    """A command of the operator of this node: exit code and words."""
    line = [binary(), *words, "--data-dir", str(node.data), "--config", str(node.config)]
    done = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    return done.returncode, done.stdout + done.stderr


def restart(node, scene):
    node.stop()
    node.start()
    scene.directories[node.name].client.close()


def serves(node, scene, scope):
    """Whether this node issues a token for the first agent, by its tenant's keys."""
    directory = scene.directories[node.name]
    client = TokenClient(directory, node.ca, scene.blueprint["appId"], scene.secret)
    client.client = directory.client
    first = client.first_step(scene.agents[0]["id"])
    return first.status == 200 and client.second_step(scene.agents[0]["id"], first.json()["access_token"], scope).status == 200


def pages_on(begun, gone_on, scene):
    """Whether a page that one node begins is gone on with by another."""
    here, there = scene.directories[begun.name], scene.directories[gone_on.name]
    page = here.call("GET", "/servicePrincipals?$top=1")
    return there.call("GET", page["@odata.nextLink"].removeprefix(begun.base + "/v1.0"))["value"] != page["value"]


def rotated(cluster, scene, scope):
    """docs/operations/postgresql.md, "Another master key", with restarts in between."""
    first, second, third = nodes = cluster.nodes
    all_serve = lambda: [serves(node, scene, scope) for node in nodes]
    code, said = run(first, "keys", "rotate-master")
    check("a master key that other nodes lack is not taken into use", code == 2 and "prepare-master" in said, (code, said))
    code, said = run(first, "keys", "prepare-master")
    check("`signet keys prepare-master` makes the next key", code == 0 and (first.data / "master.key.next").exists(), said)
    for node in (second, third):
        shutil.copy(first.data / "master.key.next", node.data / "master.key.next")
    restart(second, scene)
    check("which no start takes into use", (second.data / "master.key.next").exists() and all(all_serve()))
    code, said = run(first, "keys", "rotate-master")
    check("the first node rewraps what the database holds", code == 0 and not (first.data / "master.key.next").exists(), said)
    third.create_tenant("Made under the old key")
    for node in (first, second):
        restart(node, scene)
    check("nodes under either key serve, also after a restart", all(all_serve()), all_serve())
    check("a page goes on at a node with the other key", pages_on(first, third, scene) and pages_on(third, first, scene))
    second.stop()
    codes = [run(node, "keys", "rotate-master") for node in (second, third)]
    second.start()
    scene.directories[second.name].client.close()
    check("the others follow, one of them stopped", [code for code, _ in codes] == [0, 0], codes)
    one_key = len({(node.data / "master.key").read_bytes() for node in nodes}) == 1
    check("all hold one key, and none waits", one_key and not any((node.data / "master.key.next").exists() for node in nodes))
    for node in nodes:
        for old in node.data.glob("master-*.key"):
            old.unlink()
        restart(node, scene)
    check("without the old key every node starts and serves", all(all_serve()), all_serve())
    code, said = run(third, "keys", "list")
    check("and opens every tenant", code == 0, said)
