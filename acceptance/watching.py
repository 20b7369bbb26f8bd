#!/usr/bin/env python3
"""The dashboard and the alerting rules name only metrics, labels and values that a node exports.

A node over PostgreSQL issues a token and refuses one; then every expression of deploy/grafana and deploy/prometheus is
taken apart and compared with what `/metrics` says.
"""
import base64
import hashlib
import json
import pathlib
import re
import shutil
import tempfile
import urllib.request

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checks import check, done, skip
from directory import Directory
from exports import until
from https_client import Client
from loopback_nodes import Nodes, postgres_bin
from server import ROOT

# A receiver that is not there: its metrics are.
SINK = '''
[exports.siem]
to = "webhook"
url = "https://localhost:1/"
secret_file = "{folder}/secret"

[transparency]
anchor_dir = "{folder}/anchors"
witnesses = ["{witness} https://localhost:1"]
'''
WORDS = {"sum", "min", "max", "count", "absent", "rate", "increase", "histogram_quantile", "by", "without", "bool", "and", "or", "unless"}
# Prometheus adds them itself.
OF_PROMETHEUS = {"up": {"job", "instance"}}
LABELS_OF_PROMETHEUS = {"job", "instance"}
SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?")


def exported(node):
    """Each metric with its labels and their values."""
    with urllib.request.urlopen(f"http://{node.address}:{node.management_port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    metrics = {}
    for line in lines:
        sample = None if line.startswith("#") else SAMPLE.match(line)
        if sample:
            labels = metrics.setdefault(sample[1], {})
            for name, value in LABEL.findall(sample[2] or ""):
                labels.setdefault(name, set()).add(value)
    return metrics


def expressions():
    """Where an expression stands, and the expression."""
    for path in sorted((ROOT / "deploy" / "grafana").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.name}: {panel['title']}", target["expr"]
    for path in sorted((ROOT / "deploy" / "prometheus").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                yield f"{path.name}: {rule['alert']}", rule["expr"]


def wrong_in(expression, metrics):
    """What an expression names that nobody exports."""
    grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", expression))))
    rest = re.sub(r"\b(?:by|without)\s*\([^)]*\)", " ", expression)
    rest = re.sub(r"\[[^\]]*\]", " ", rest)
    known, wrong, seen = {}, [], 0
    for name, matchers in SELECTOR.findall(rest):
        if name in WORDS or re.fullmatch(r"e\d+", name):
            continue
        seen += 1
        labels = metrics.get(name, OF_PROMETHEUS.get(name))
        if labels is None:
            wrong.append(f"no metric {name}")
            continue
        known |= dict.fromkeys(labels)
        for label, operator, value in MATCHER.findall(matchers):
            if label in LABELS_OF_PROMETHEUS:
                continue
            if label not in labels:
                wrong.append(f"{name} has no label {label}")
            elif operator == "=" and value not in labels[label]:
                wrong.append(f"{name} has no {label} {value}")
    wrong += [f"nothing is grouped by {label}" for label in grouped - set(known) - LABELS_OF_PROMETHEUS]
    return wrong if seen else ["names no metric"]


def used(node, tenant):
    """One token and one refusal."""
    client = Client(node.base, node.ca, 20, node.at)
    form = {"grant_type": "client_credentials", "client_id": tenant["adminClientId"], "scope": f"{node.base}/.default"}
    path = f"/{tenant['tenantId']}/oauth2/v2.0/token"
    secrets = (tenant["adminClientSecret"], "wrong")
    return [client.form(path, form | {"client_secret": secret}).status for secret in secrets]


def witness():
    """The key of a witness that nobody reaches."""
    name, key = "witness.test/w", b"\x04" + Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    number = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex()
    return f"{name}+{number}+{base64.b64encode(key).decode()}"


def asked(node, tenant):
    """A question about the logs that is answered and one that is refused."""
    directory = Directory(node.base, node.ca, tenant)
    directory.client = Client(node.base, node.ca, 20, node.at)
    path = f"/v1/workspaces/{tenant['tenantId']}/query"
    return [directory.client.json("POST", path, {"query": query}, directory.bearer()).status
            for query in ("AuditLogs | count", "AuditLogs | where")]


def main():
    check("the comparison finds what is not there", len(wrong_in(
        'rate(signet_tokens_total{kind="x"}[5m]) / sum by (who) (http_requests_total{status="6xx"})',
        {"http_requests_total": {"status": {"5xx"}}})) == 3)
    if not postgres_bin():
        skip("dashboards and alerts", "no PostgreSQL server is installed (apt-get install postgresql)")
        return done()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-watching-"))
    folder.chmod(0o755)  # the database runs as another user
    cluster = Nodes(folder, 1)
    try:
        node = cluster.nodes[0]
        node.config.write_text(node.config.read_text() + SINK.format(folder=folder, witness=witness()))
        (folder / "secret").write_text("nobody reads it\n")
        cluster.start()
        tenant = node.create_tenant("Contoso")
        before = used(node, tenant)
        check("a token was issued and one refused", before == [200, 401], before)
        check("a question was answered and one refused", asked(node, tenant) == [200, 400])
        check("the log is gathered, and witnesses and anchors are looked after", until(lambda: {
            "signet_log_checkpoint_age_seconds", "signet_log_witness_age_seconds", "signet_log_anchor_age_seconds"}
            <= exported(node).keys(), 60))
        check("the sink is sent to", until(lambda: "signet_export_lag_seconds" in exported(node)))
        metrics = exported(node)
        errors = metrics.get("signet_token_refusals_total", {}).get("error")
        check("the refusal is counted under its number", errors == {"AADSTS7000215"}, errors)
        places = list(expressions())
        check("there is a dashboard and there are rules", len(places) > 20, len(places))
        for place, expression in places:
            wrong = wrong_in(expression, metrics)
            check(place, not wrong, (wrong, expression))
    finally:
        cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return done()


if __name__ == "__main__":
    main()
