#!/usr/bin/env python3
"""Personal values leave the record of the real server for good: out of files, rows, KQL and the Graph API.

What must hold: an address or a query that names a person is found before, by KQL and `/auditLogs`, and nowhere after; what
was not named stays; the erasure is in the audit trail; chains, logs and proofs stay as they were.
"""
import json
import time

from checks import check, done, expect
from fixture import running

CALLS, READS, AUDITS = "MicrosoftGraphActivityLogs", "LAQueryLogs", "AuditLogs"
PERSON = "zelda.fitz@contoso.example"


def asked(server, query):
    """The rows of a query, by the command line."""
    return json.loads(server.command("query", "--output", "json", query))


def until(action, wait=30):
    """The first answer that is not empty, or the last."""
    give_up = time.monotonic() + wait
    while not (answer := action()) and time.monotonic() < give_up:
        time.sleep(0.5)
    return answer


def name_somebody(fixture):
    """Calls and a query that name a person, and a person whose name an audit record holds."""
    directory = fixture.directory
    person = directory.call("POST", "/users", {
        "displayName": "Zelda Fitz", "userPrincipalName": PERSON, "mailNickname": "zelda", "accountEnabled": True})
    directory.call("GET", f"/users/{PERSON}")
    directory.call("GET", f"/users?$filter=userPrincipalName eq '{PERSON}'".replace(" ", "%20"))
    asked(fixture.server, f"{AUDITS} | where TargetResources has '{PERSON}' | count")
    return person


def traces(fixture):
    """In which files of the record the person still stands."""
    found = []
    for path in sorted(fixture.server.data.rglob("*")):
        if path.is_file() and path.name.startswith(("record", "log-columns", "segments")) or "log-columns" in path.parts:
            if path.is_file() and PERSON.encode() in path.read_bytes():
                found.append(path.name)
    return found


def main():
    with running() as fixture:
        server = fixture.server
        person = name_somebody(fixture)
        calls = until(lambda: asked(server, f"{CALLS} | where RequestUri has 'zelda.fitz' | project _ItemId, RequestUri"))
        check("calls that name a person are found", len(calls) >= 2, calls)
        reads = until(lambda: asked(server, f"{READS} | where QueryText startswith '{AUDITS}' | project _ItemId, QueryText"))
        check("so is who asked for them", reads and PERSON in reads[0]["QueryText"], reads)
        by_target = f"{AUDITS} | where tostring(TargetResources[0].id) == '{person['id']}'"
        audits = asked(server, f"{by_target} | project Id, Who = tostring(TargetResources[0].userPrincipalName)")
        check("and the audit record of what was done to them", [row["Who"] for row in audits] == [PERSON], audits)
        listed = lambda: next(item for item in fixture.directory.pages("/auditLogs/directoryAudits?$top=100")
                              if item["id"] == audits[0]["Id"])["targetResources"][0]
        check("which the Graph API shows too", listed()["userPrincipalName"] == PERSON, listed())
        before = json.loads(server.command("logs", "verify", "--output", "json"))

        for words in (["--table", CALLS, "nothing"], ["--table", AUDITS, "--field", "Nothing", audits[0]["Id"]]):
            try:
                server.command("logs", "erase", *words)
                check("what is not there is refused", False, words)
            except RuntimeError as error:
                check("what is not there is refused", "There is no record" in str(error) or "has no value" in str(error), error)
        erased = 0
        for table, ids in ((CALLS, [row["_ItemId"] for row in calls]), (READS, [row["_ItemId"] for row in reads])):
            erased += json.loads(server.command("logs", "erase", "--table", table, "--output", "json", *ids))["values"]
        check("every value of theirs is erased", erased >= 2 * len(calls) + len(reads), erased)
        one = json.loads(server.command("logs", "erase", "--table", AUDITS, "--output", "json",
                                        "--field", "/TargetResources/0/userPrincipalName", audits[0]["Id"]))
        check("of an audit record only what was named", one == {"records": 1, "values": 1}, one)

        left = until(lambda: not asked(server, f"{CALLS} | where RequestUri has 'zelda'"))
        check("KQL finds no call that names them", left)
        ids = ", ".join(f"'{row['_ItemId']}'" for row in calls)
        rows = asked(server, f"{CALLS} | where _ItemId in ({ids}) | project RequestUri, UserAgent, IPAddress, RequestMethod")
        check("the calls themselves stay", len(rows) == len(calls) and all(
            row == {"RequestUri": "", "UserAgent": "", "IPAddress": "", "RequestMethod": row["RequestMethod"]}
            and row["RequestMethod"] in ("GET", "POST") for row in rows), rows)
        shown = until(lambda: [row for row in asked(server, f"{by_target} | project Who = tostring(TargetResources[0]"
                                                    ".userPrincipalName), Name = tostring(TargetResources[0].displayName)")
                               if not row["Who"]])
        check("nor does the audit record, which still shows what was not erased",
              [row["Name"] for row in shown] == ["Zelda Fitz"], shown)
        check("nor does the Graph API", (listed()["userPrincipalName"], listed()["displayName"]) == (None, "Zelda Fitz"),
              listed())
        told = asked(server, f"{AUDITS} | where OperationName == 'Erase personal values of records' "
                             "| mv-expand Target = TargetResources | project Id = tostring(Target.id)")
        check("that it was done is in the audit trail", {row["Id"] for row in told}
              == {row["_ItemId"] for row in calls + reads} | {audits[0]["Id"]}, told)
        after = json.loads(server.command("logs", "verify", "--output", "json"))
        check("everything verifies, and says how much was erased", after["erased"] - before["erased"] == erased + 1, after)
        # What else is known of them, and the questions of this script.
        server.command("logs", "erase", "--table", AUDITS, audits[0]["Id"])
        more = [row["_ItemId"] for row in asked(server, f"{READS} | where QueryText has 'zelda' | project _ItemId")]
        server.command("logs", "erase", "--table", READS, *more)
        server.stop()
        check("no file of the record holds them any more", not traces(fixture), traces(fixture))
        server.start()
        check("and it verifies again", "records" in server.command("logs", "verify"))
    done()


if __name__ == "__main__":
    main()
