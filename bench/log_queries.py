"""Queries over ten million generated sign-ins: Signet's engine and DuckDB over the same Parquet files, in the same run.

    cargo build --release --bin sign-ins
    python3 bench/log_queries.py [--rows 10000000] [--folder DIR] [--program target/release/sign-ins]

Each query is answered three times by each; the best time counts. Both have two threads; Signet has 256 MB, as a server allows
a query, DuckDB one gigabyte.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent
END = "TIMESTAMPTZ '2026-11-20 00:00:00+00'"
SEED = (ROOT / "standards/kql/tests/data/seed-query.kql").read_text()
WORDS = "(agent|ai|gpt|copilot|assistant)"

# Name, KQL, SQL. Unfolded columns are columns of the files, so DuckDB may use them too.
QUERIES = [
    ("seed query", SEED, f"""
        select TimeGenerated, OperationName, "TargetResources[0].displayName", "InitiatedBy.app.displayName" from AuditLogs
        where TimeGenerated >= {END} - interval 365 day and lower(OperationName) in ('add oauth2permissiongrant',
          'add v2 application permissions', 'add app role assignment to service principal')
          and (regexp_matches("TargetResources[0].displayName", '(?i)(^|[^a-z0-9]){WORDS}([^a-z0-9]|$)')
            or regexp_matches("InitiatedBy.app.displayName", '(?i)(^|[^a-z0-9]){WORDS}([^a-z0-9]|$)'))
        order by TimeGenerated desc"""),
    ("failures by user", """SigninLogs | where TimeGenerated > ago(7d) and ResultType != "0"
        | summarize Failures = count() by UserPrincipalName | top 10 by Failures""", f"""
        select UserPrincipalName, count(*) n from SigninLogs where TimeGenerated > {END} - interval 7 day
          and ResultType <> '0' group by 1 order by n desc limit 10"""),
    ("results by hour", "SigninLogs | summarize count() by bin(TimeGenerated, 1h), ResultType", """
        select time_bucket(interval 1 hour, TimeGenerated) t, ResultType, count(*) from SigninLogs group by 1, 2"""),
    ("many addresses", """SigninLogs | where TimeGenerated > ago(30d)
        | summarize Addresses = dcount(IPAddress) by UserPrincipalName | where Addresses > 8""", f"""
        select UserPrincipalName, count(distinct IPAddress) n from SigninLogs
        where TimeGenerated > {END} - interval 30 day group by 1 having n > 8"""),
    ("scripts", """SigninLogs | where UserAgent has "python" or UserAgent has "azsdk"
        | summarize count(), make_set(UserAgent) by AppDisplayName""", """
        select AppDisplayName, count(*), list(distinct UserAgent) from SigninLogs
        where regexp_matches(UserAgent, '(?i)(^|[^a-z0-9])(python|azsdk)([^a-z0-9]|$)') group by 1"""),
    ("unusual countries", """SigninLogs | extend Country = tostring(LocationDetails.countryOrRegion)
        | where Country !in ("DE", "US", "FR", "NL", "GB") | summarize count(), dcount(UserId) by Country""", """
        select "LocationDetails.countryOrRegion" c, count(*), count(distinct UserId) from SigninLogs
        where c not in ('DE', 'US', 'FR', 'NL', 'GB') group by 1"""),
    ("password spray", """SigninLogs | where ResultType in ("50126", "50053")
        | summarize Users = dcount(UserPrincipalName), Attempts = count() by IPAddress, bin(TimeGenerated, 1h)
        | where Users > 1""", """
        select IPAddress, time_bucket(interval 1 hour, TimeGenerated) t, count(distinct UserPrincipalName) u, count(*)
        from SigninLogs where ResultType in ('50126', '50053') group by 1, 2 having u > 1"""),
    ("one user", """SigninLogs | where UserPrincipalName =~ "User4711@contoso.example"
        | project TimeGenerated, AppDisplayName, IPAddress, ResultType, City = tostring(LocationDetails.city)
        | top 100 by TimeGenerated desc""", """
        select TimeGenerated, AppDisplayName, IPAddress, ResultType, "LocationDetails.city" from SigninLogs
        where lower(UserPrincipalName) = 'user4711@contoso.example' order by TimeGenerated desc limit 100"""),
    ("agents", """SigninLogs | where tostring(Agent.agentType) == "agenticAppInstance"
        | summarize SignIns = count(), Last = max(TimeGenerated), Failed = countif(ResultType != 0) by AppId""", """
        select AppId, count(*), max(TimeGenerated), count(*) filter (ResultType <> '0') from SigninLogs
        where "Agent.agentType" = 'agenticAppInstance' group by 1"""),
    ("last sign-in", """SigninLogs | where TimeGenerated > ago(14d)
        | summarize arg_max(TimeGenerated, IPAddress, Location) by UserId | summarize count() by Location""", f"""
        select l, count(*) from (select UserId, arg_max(IPAddress, TimeGenerated) i, arg_max(Location, TimeGenerated) l
          from SigninLogs where TimeGenerated > {END} - interval 14 day group by 1) group by 1"""),
    ("success after failures", """let failed = SigninLogs | where TimeGenerated > ago(1d) and ResultType == "50126"
          | summarize Failures = count() by UserPrincipalName, IPAddress | where Failures > 1;
        SigninLogs | where TimeGenerated > ago(1d) and ResultType == "0"
        | join kind=inner failed on UserPrincipalName, IPAddress
        | summarize count() by UserPrincipalName""", f"""
        with failed as (select UserPrincipalName u, IPAddress i, count(*) n from SigninLogs
          where TimeGenerated > {END} - interval 1 day and ResultType = '50126' group by 1, 2 having n > 1)
        select UserPrincipalName, count(*) from SigninLogs join failed on u = UserPrincipalName and i = IPAddress
        where TimeGenerated > {END} - interval 1 day and ResultType = '0' group by 1"""),
]


def by_signet(program, folder):
    """Seconds and rows of each query."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([(name, kql) for name, kql, _ in QUERIES], file)
        file.flush()
        lines = subprocess.run([program, "ask", folder, file.name], check=True, capture_output=True, text=True).stdout
    found = [json.loads(line) for line in lines.splitlines()]
    return {one["name"]: (one["seconds"], one["rows"].get("Ok", one["rows"].get("Err"))) for one in found}


def by_duckdb(folder):
    """The same by DuckDB."""
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    for table in ("SigninLogs", "AuditLogs"):
        connection.execute(f"create view {table} as select * from read_parquet('{folder}/{table}-*.parquet')")
    found = {}
    for name, _, sql in QUERIES:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            rows = connection.execute(sql).fetchall()
            times.append(time.perf_counter() - began)
        found[name] = (min(times), len(rows))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", help="kept; written only if it is not there")
    parser.add_argument("--program", default=str(ROOT / "target/release/sign-ins"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(args.folder or scratch)
        if not (folder / "segments.json").exists():
            print(subprocess.run([args.program, "write", folder, str(args.rows)], check=True, capture_output=True,
                                 text=True).stdout.splitlines()[-2:])
        ours, theirs = by_signet(args.program, folder), by_duckdb(folder)
    print(f"{'query':24} {'Signet s':>9} {'rows':>7} {'DuckDB s':>9} {'rows':>7}")
    for name, _, _ in QUERIES:
        print(f"{name:24} {ours[name][0]:9.3f} {ours[name][1]!s:>7} {theirs[name][0]:9.3f} {theirs[name][1]:>7}")


if __name__ == "__main__":
    main()
