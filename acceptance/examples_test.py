#!/usr/bin/env python3
"""Runs both examples as their READMEs say, against a fixture: the agent calls the API, then the agent is killed.

    fixture.py -- VENV/bin/python examples_test.py
"""
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from checks import check, done
from directory import Directory, TokenClient
from fixture import load

FACTS = load()
EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"


def environment(folder):
    """The settings of both examples; secrets by file."""
    for name in ("blueprint_secret", "resource_secret"):
        path = folder / name
        path.touch(0o600)
        path.write_text(FACTS[name])
    return os.environ | {
        "SIGNET_URL": FACTS["url"], "SIGNET_CA": FACTS["ca"], "TENANT_ID": FACTS["tenant_id"],
        "BLUEPRINT_ID": FACTS["blueprint_app_id"], "BLUEPRINT_SECRET_FILE": str(folder / "blueprint_secret"),
        "AGENT_ID": FACTS["agent_app_id"], "RESOURCE": FACTS["resource"], "RESOURCE_APP_ID": FACTS["resource_app_id"],
        "RESOURCE_SECRET_FILE": str(folder / "resource_secret"), "REQUIRED_ROLE": FACTS["resource_role"], "PORT": "0"}


@contextlib.contextmanager
def resource(settings):
    """The API as a process; gives its address."""
    process = subprocess.Popen([sys.executable, EXAMPLES / "python-resource" / "resource.py"], env=settings, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        yield re.search(r"http://\S+/orders", process.stdout.readline())[0]
    finally:
        process.kill()
        process.wait()


def agent(settings, url):
    """The agent as a process: its exit code and what it printed."""
    run = subprocess.run([sys.executable, EXAMPLES / "python-agent" / "agent.py"], env=settings | {"RESOURCE_URL": url},
                         capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return run.returncode, run.stdout + run.stderr


def status(url, token=None):
    """What the API answers to a token."""
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def main():
    directory = Directory(FACTS["url"], FACTS["ca"], {
        "tenantId": FACTS["tenant_id"], "adminClientId": FACTS["admin_client_id"],
        "adminClientSecret": FACTS["admin_client_secret"]})
    tokens = TokenClient(directory, FACTS["ca"], FACTS["blueprint_app_id"], FACTS["blueprint_secret"])
    principal = {"id": FACTS["agent_app_id"]}

    t1 = tokens.first_step(principal["id"]).json()["access_token"]
    token = tokens.second_step(principal["id"], t1, FACTS["resource_scope"]).json()["access_token"]

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        settings = environment(pathlib.Path(folder))
        urls = {check: stack.enter_context(resource(settings | {"CHECK": check})) for check in ("jwks", "introspection")}
        for by, url in urls.items():
            check(f"{by}: no token, 401", status(url) == 401)
            check(f"{by}: a damaged token, 401", status(url, token[:-6] + "AAAAAA") == 401)
            check(f"{by}: a token for another API, 401", status(url, t1) == 401)
            code, said = agent(settings, url)
            check(f"{by}: the agent is served", code == 0 and said.startswith("200 ") and principal["id"] in said, said)
        directory.enable(principal, False)
        check("killed: introspection refuses the next request", status(urls["introspection"], token) == 401)
        check("killed: with the keys alone the token lives until its end", status(urls["jwks"], token) == 200)
        code, said = agent(settings, urls["jwks"])
        check("killed: the agent gets no new token", code != 0 and "refused: AADSTS" in said, said)
        directory.enable(principal, True)
        check("enabled again: the old token stays refused", status(urls["introspection"], token) == 401)
        code, said = agent(settings, urls["introspection"])
        check("enabled again: a new token is served", code == 0, said)
    done()


if __name__ == "__main__":
    main()
