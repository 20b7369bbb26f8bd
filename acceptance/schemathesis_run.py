#!/usr/bin/env python3
"""schemathesis over the generated OpenAPI of the built server, seeded with one object of each type.

    schemathesis_run.py [--examples N] [--phases LIST] [--seconds N] [--seed N] [--only REGEX]

The caller is an administrator's client with all permissions of the directory. Each operation is one check: it fails on a
5xx, on a status, content type, header or body that the document does not tell, on a body that the document forbids and
the server takes, on an answer without a token, on a method that is neither told nor refused with 405.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from checks import check, done, skip
from examples import Examples
from fixture import running

# Checks that are left out, and why.
LEFT_OUT = {
    "positive_data_acceptance": "rules reach beyond one body's schema (a sponsor who exists, a name that is free), and "
                                "expressions in query options have a grammar of their own: 400 is an answer",
    "ensure_resource_availability": "it takes what hangs off an object, created with ids of the generator's making, for "
                                    "found by another id than the one in Location",
    "object_level_authorization": "it needs a second caller; permissions.py walks every operation with other callers",
    "missing_required_header": "no operation requires a header but Authorization, which ignored_auth leaves out",
}
# One thread: with several, CPython 3.11 counts the depth of its parser across them and hypothesis ends with
# "SystemError: AST constructor recursion depth mismatch" (python/cpython 106905).
WORKERS = "1"
HERE = pathlib.Path(__file__).resolve().parent
ST = pathlib.Path(sys.executable).with_name("st")


def seed(fixture):
    """Objects for the keys in paths, by the first parts of the path; the administrator's own client is not among them."""
    examples, ids = Examples(fixture), {}
    kinds = examples.served()
    for kind, path in kinds.items():
        try:
            made = [examples.made(kind)["id"] for _ in range(2)]
        except RuntimeError as error:
            check(f"an example of {kind}", False, error)
            continue
        ids.setdefault(path.split("/microsoft.graph")[0], []).extend(made)
    ids["/directoryObjects"] = ids["/users"] + ids["/groups"] + ids["/servicePrincipals"]
    ids["/auditLogs/directoryAudits"] = [examples.existing("directoryAudit")["id"]]
    ids["/organization"] = [examples.existing("organization")["id"]]
    deleted = examples.made("user")["id"]
    fixture.directory.call("DELETE", f"/users/{deleted}")
    ids["/directory/deletedItems"] = [deleted]
    bodies = {kind: getattr(examples, kind)() for kind in kinds}
    return {"ids": ids, "bodies": bodies}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--examples", type=int, default=4, help="cases of each operation and phase")
    options.add_argument("--seconds", type=int, default=0, help="fuzz until so many seconds have passed")
    options.add_argument("--phases", default="examples,coverage,fuzzing", help="which of schemathesis")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", help="operations whose path matches")
    chosen = options.parse_args()
    with running() as fixture:
        folder = fixture.folder / "schemathesis"
        folder.mkdir()
        facts = seed(fixture) | {"url": fixture.server.base, "ca": str(fixture.server.ca), "tenant": fixture.tenant}
        (folder / "facts.json").write_text(json.dumps(facts))
        command = [str(ST), "--config-file", str(HERE / "schemathesis.toml"), "run", f"{fixture.server.base}/openapi.json", "--url", fixture.server.base,
                   "--tls-verify", str(fixture.server.ca), "--seed", str(chosen.seed), "--workers", WORKERS,
                   "--max-examples", str(chosen.examples), "--phases", chosen.phases,
                   "--continue-on-failure", "--no-shrink", "--generation-database", "none", "--checks", "all",
                   "--exclude-checks", ",".join(LEFT_OUT), "--suppress-health-check", "all", "--warnings", "off",
                   "--report", "junit", "--report-junit-path", str(folder / "junit.xml"), "--no-color"]
        command += ["--max-time", str(chosen.seconds)] if chosen.seconds else []
        command += ["--include-path-regex", chosen.only] if chosen.only else []
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "SIGNET_FACTS": str(folder / "facts.json"),
                                    "PYTHONPATH": str(HERE)}
        run = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                             capture_output=True)
        summary = run.stdout.rfind("= SUMMARY =")
        print(run.stdout if run.returncode else run.stdout[summary:], run.stderr[-2000:], sep="\n")
        report(folder / "junit.xml")
        errors = [line for line in fixture.server.log.read_text().splitlines() if " ERROR " in line]
        check("the server logged no bug", not errors, errors[:2])
        check("the server still runs", fixture.server.ready())
    done()


def report(path):
    """One check for each operation."""
    if not path.exists():
        check("schemathesis wrote its report", False)
        return
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        faults = [one for one in case if one.tag in ("failure", "error")]
        skipped = next((one for one in case if one.tag == "skipped"), None)
        if skipped is not None and not faults:
            skip(case.get("name"), skipped.get("message") or "no case")
        else:
            check(case.get("name"), not faults, " / ".join(" ".join((one.text or one.get("message") or "").split())[:300] for one in faults))


if __name__ == "__main__":
    main()
