#!/usr/bin/env python3
"""How much of PostgreSQL a node takes: connections, and bytes for each token's record and for each agent, indexes included.

    bench/database_size.py [--tokens 4000] [--agents 400]        SIGNET_BIN names the binary

Tables are counted with their indexes and TOAST after a VACUUM, the log (WAL) with its full-page images.
"""
import argparse
import pathlib
import shutil
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))

from directory import Directory
from https_client import Client
from loopback_nodes import Nodes, postgres_bin

CLIENTS = 8
RECORD = "record_frames, record_rows, record_checkpoints"
DIRECTORY = "objects, index_entries, unique_keys, links, relations"


def tables(postgres, names):
    names = [name.strip() for name in names.split(",")]
    for name in names:
        postgres.sql(f"VACUUM {name}")
    return sum(int(postgres.sql(f"SELECT pg_total_relation_size('{name}')")) for name in names)


def log(postgres):
    return int(postgres.sql("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))


def tokens(node, tenant, count):
    """The administrator's client asks again and again, over several connections."""
    form = {"grant_type": "client_credentials", "client_id": tenant["adminClientId"],
            "client_secret": tenant["adminClientSecret"], "scope": f"{node.base}/.default"}

    def ask():
        client = Client(node.base, node.ca, 60, node.at)
        for _ in range(count // CLIENTS):
            answer = client.form(f"/{tenant['tenantId']}/oauth2/v2.0/token", form)
            assert answer.status == 200, answer

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def agents(directory, count):
    sponsor = directory.user()
    blueprint, _ = directory.blueprint(sponsor)
    for start in range(0, count, 20):
        requests = [{"id": str(number), "method": "POST", "url": "/servicePrincipals/microsoft.graph.agentIdentity",
                     "headers": {"Content-Type": "application/json"},
                     "body": {"displayName": f"order-bot-{number}", "agentIdentityBlueprintId": blueprint["appId"],
                              "sponsors@odata.bind": [directory.reference("users", sponsor["id"])]}}
                    for number in range(start, start + 20)]
        answers = directory.call("POST", "/$batch", {"requests": requests})["responses"]
        assert all(answer["status"] == 201 for answer in answers), answers[0]


def measure(what, postgres, names, count, work):
    before = tables(postgres, names), log(postgres)
    work()
    after = tables(postgres, names), log(postgres)
    print(f"{what}: {(after[0] - before[0]) / count:.0f} bytes of tables, {(after[1] - before[1]) / count:.0f} of log", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tokens", type=int, default=4000)
    options.add_argument("--agents", type=int, default=400)
    chosen = options.parse_args()
    if not postgres_bin():
        sys.exit("no PostgreSQL server is installed (apt-get install postgresql)")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-size-"))
    folder.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder, 1)
    try:
        node, postgres = cluster.start().nodes[0], cluster.postgres
        tenant = node.create_tenant("Size")
        directory = Directory(node.base, node.ca, tenant)
        directory.client = Client(node.base, node.ca, 60, node.at)
        measure(f"a token's record ({CLIENTS} clients)", postgres, RECORD, chosen.tokens, lambda: tokens(node, tenant, chosen.tokens))
        measure("an agent, created in batches of 20", postgres, DIRECTORY, chosen.agents, lambda: agents(directory, chosen.agents))
        busy = postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'signet'").strip()
        print(f"connections of the node: {busy}")
    finally:
        cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
