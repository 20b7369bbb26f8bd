#!/usr/bin/env python3
"""azure-monitor-query, unmodified, over azure-identity, against the built server: the record answers KQL.

    fixture.py -- VENV/bin/python log_queries.py
"""
import datetime
import json
import os
import pathlib
import time
import uuid

from fixture import load

FACTS = load()
os.environ["REQUESTS_CA_BUNDLE"] = FACTS["ca_bundle"]  # read when the library is imported
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.monitor.query import LogsBatchQuery, LogsQueryClient, LogsQueryStatus

from checks import check, done, expect
from directory import Directory
from https_client import Client

BASE, TENANT = FACTS["url"], FACTS["tenant_id"]
SEED = pathlib.Path(__file__).parent.parent / "standards/kql/tests/data/seed-query.kql"
DAY = datetime.timedelta(days=1)
ADMIN = {"tenantId": TENANT, "adminClientId": FACTS["admin_client_id"],
         "adminClientSecret": FACTS["admin_client_secret"]}


def reader(client=FACTS["admin_client_id"], secret=FACTS["admin_client_secret"]):
    """The client library as this application; the endpoint is the one switch that moves it off Azure."""
    credential = ClientSecretCredential(TENANT, client, secret, authority=BASE, disable_instance_discovery=True)
    return LogsQueryClient(credential, endpoint=f"{BASE}/v1")


def rows(client, query, timespan=DAY, **options):
    """The rows of a query as dictionaries."""
    answer = client.query_workspace(TENANT, query, timespan=timespan, **options)
    if answer.status != LogsQueryStatus.SUCCESS:
        raise AssertionError(f"partial: {answer.partial_error}")
    [table] = answer.tables
    return [dict(zip(table.columns, row)) for row in table.rows]


def refused(name, action, status, *words):
    """Passes when the service refuses with this status and these words in the error."""
    try:
        check(name, False, action())
    except HttpResponseError as error:
        said = json.dumps(json.loads(error.response.text()))
        check(name, error.status_code == status and all(word in said for word in words), f"{error.status_code} {said}")


def seed_query(admin, client):
    """The query of the first seed, unchanged, over grants made through the API to agents named by the convention."""
    sponsor, resource = {"id": FACTS["sponsor_id"]}, FACTS["resource_principal_id"]
    blueprint = {"appId": FACTS["blueprint_app_id"]}
    wanted = []
    for name in ["Agent-HR-Onboarding", "Agent-Invoices", "Agent-7"]:
        agent = admin.agent(blueprint, sponsor, name)
        admin.call("POST", f"/servicePrincipals/{agent['id']}/appRoleAssignments", {
            "principalId": agent["id"], "resourceId": resource, "appRoleId": FACTS["resource_role_id"]})
        wanted.append(name)
        if name != "Agent-7":
            admin.call("POST", "/oauth2PermissionGrants", {
                "clientId": agent["id"], "consentType": "AllPrincipals", "resourceId": resource,
                "scope": FACTS["resource_delegated_scope"]})
            wanted.append(name)
    for name in ["HRAgentBot", "Order console"]:
        other = admin.agent(blueprint, sponsor, name) if name == "HRAgentBot" else admin.client_application(name)[1]
        admin.call("POST", f"/servicePrincipals/{other['id']}/appRoleAssignments", {
            "principalId": other["id"], "resourceId": resource, "appRoleId": FACTS["resource_role_id"]})
    found = expect("the seed query runs unchanged", lambda: rows(client, SEED.read_text(), datetime.timedelta(days=366)),
                   lambda rows: rows is not None) or []
    check("it returns every grant to an agent named by the convention, and nothing else",
          sorted(row["SpDisplayName"] for row in found) == sorted(wanted), [row["SpDisplayName"] for row in found])
    check("newest first", [row["TimeGenerated"] for row in found]
          == sorted((row["TimeGenerated"] for row in found), reverse=True))
    check("its columns are those that the language service infers",
          not found or list(found[0]) == ["TimeGenerated", "OperationName", "SpDisplayName", "ActorApp"], found[:1])
    pairs = rows(client, "AuditLogs | where OperationName in ('Add app role assignment to service principal', "
                         "'Add delegated permission grant', 'Add OAuth2PermissionGrant') "
                         "| summarize n = count(), compat = countif(AdditionalDetails has 'compat') by CorrelationId")
    check("each grant is two records with one correlation id, one of them marked compat",
          pairs and all((row["n"], row["compat"]) == (2, 1) for row in pairs), pairs)


def tables(admin, client):
    """Each table that has rows today shows what was done."""
    token = Client(BASE, FACTS["ca"]).form(f"/{TENANT}/oauth2/v2.0/token", {
        "grant_type": "client_credentials", "client_id": FACTS["web_client_id"],
        "client_secret": FACTS["web_client_secret"], "scope": FACTS["directory_scope"]})
    check("a client signs in", token.status == 200, token)
    signed_in = rows(client, f"AADServicePrincipalSignInLogs | where AppId == '{FACTS['web_client_id']}' "
                             "| where ResultType == 0 | extend Kind = tostring(parse_json(Agent).agentType)")
    check("its sign-in is there at once, and is no agent's", [row["Kind"] for row in signed_in] == ["notAgentic"],
          signed_in)
    answer = Client(BASE, FACTS["ca"]).json("GET", "/v1.0/users", None, token.json()["access_token"])
    check("the same client may not list people", answer.status == 403, answer)
    time.sleep(1)  # calls are recorded beside the answer
    joined = rows(client, "MicrosoftGraphActivityLogs | where ResponseStatusCode == 403 "
                          "| join kind=inner (AADServicePrincipalSignInLogs | where ResultType == '0') "
                          "on $left.SignInActivityId == $right.UniqueTokenIdentifier "
                          "| project RequestUri, AppId, SameAddress = IPAddress == IPAddress1")
    check("its call is tied to the sign-in that its token came from",
          [(row["AppId"], row["SameAddress"]) for row in joined] == [(FACTS["web_client_id"], True)], joined)
    decided = rows(client, "MicrosoftGraphPolicyLogs | where PolicyDecision == 'deny' "
                           "| project AppId, Name = TargetResourceName, D = PolicyDetails[0].isCompliant")
    check("and is a denied decision", [(row["AppId"], row["Name"], row["D"]) for row in decided]
          == [(FACTS["web_client_id"], "users", "false")], decided)
    agents = rows(client, f"EntraAgentIdentities | where id == '{FACTS['agent_app_id']}' "
                          "| join kind=inner (EntraAgentIdentityBlueprints | project appId, blueprint = displayName) "
                          "on $left.agentIdentityBlueprintId == $right.appId "
                          "| project displayName, blueprint, accountEnabled, sponsor = tostring(sponsors[0])")
    check("the directory is a table", agents == [{"displayName": "order-bot", "blueprint": "Order desk",
                                                 "accountEnabled": True, "sponsor": FACTS["sponsor_id"]}], agents)
    info = rows(client, "AgentsInfo | summarize arg_max(Timestamp, *) by AgentId "
                        "| where LifecycleStatus == 'Active' and array_length(Sponsors) == 1 | count")
    check("and so are agents", info and info[0]["Count"] >= 4, info)
    people = rows(client, f"IdentityInfo | where AccountObjectId == '{FACTS['sponsor_id']}' | project AccountUPN")
    check("and people", people == [{"AccountUPN": FACTS["sponsor_upn"]}], people)
    users = rows(client, f"EntraAgentUsers | where id == '{FACTS['agent_user_id']}' | project agentIdentitySPID")
    check("and agents' users", users == [{"agentIdentitySPID": FACTS["agent_app_id"]}], users)
    time.sleep(1)  # reads are recorded beside the answer
    reads = rows(client, "LAQueryLogs | where QueryText startswith 'EntraAgentUsers' "
                         "| project AADClientId, ResponseCode, ResponseRowCount")
    check("who reads the logs is in the logs",
          reads == [{"AADClientId": FACTS["admin_client_id"], "ResponseCode": 200, "ResponseRowCount": 1}], reads)


def chains(client):
    """What stood behind a token is one row."""
    anonymous = Client(BASE, FACTS["ca"])
    first = anonymous.form(f"/{TENANT}/oauth2/v2.0/token", {
        "grant_type": "client_credentials", "client_id": FACTS["blueprint_app_id"],
        "client_secret": FACTS["blueprint_secret"], "scope": "api://AzureADTokenExchange/.default",
        "fmi_path": FACTS["agent_app_id"]})
    second = anonymous.form(f"/{TENANT}/oauth2/v2.0/token", {
        "grant_type": "client_credentials", "client_id": FACTS["agent_app_id"], "scope": FACTS["resource_scope"],
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": first.json().get("access_token", "")})
    check("an agent signs in", second.status == 200, second)
    found = rows(client, f"AgentTokenLogs | where AgentId == '{FACTS['agent_app_id']}' and ResultType == '0' "
                         "| sort by TimeGenerated asc | project AgentType, ActorChain, Sponsors, BlueprintAppId")
    check("both steps name the agent, its blueprint and who answers for it",
          [row["AgentType"] for row in found] == ["agentIdentityBlueprintPrincipal", "agenticAppInstance"]
          and all(FACTS["sponsor_id"] in row["Sponsors"] and FACTS["blueprint_app_id"] in row["ActorChain"]
                  for row in found), found)


def errors(client):
    """What is refused, and how."""
    refused("a name that does not exist is a semantic error, with its place and the nearest name",
            lambda: rows(client, "AuditLogs\n| where OperatonName == 'x'"), 400,
            "BadArgumentError", "SemanticError", '"line": 2', '"pos": 9', "OperationName")
    refused("a text that is no query is a syntax error", lambda: rows(client, "AuditLogs | where"), 400, "SyntaxError")
    for query in ["workspace('x').AuditLogs", "cluster('x').database('y').AuditLogs", "app('x').requests"]:
        refused(f"{query} is refused", lambda query=query: rows(client, query), 400)
    other = str(uuid.uuid4())
    refused("another workspace is refused", lambda: client.query_workspace(other, "AuditLogs", timespan=DAY), 403,
            "InsufficientAccessError")
    refused("also beside the own one", lambda: rows(client, "AuditLogs", additional_workspaces=[other]), 403)
    weak = reader(FACTS["web_client_id"], FACTS["web_client_secret"])
    refused("without AuditLog.Read.All nothing is read", lambda: rows(weak, "AuditLogs"), 403, "AuditLog.Read.All")
    everything = rows(client, "union withsource=T * | summarize by TenantId")
    check("union * sees this tenant alone", [row["TenantId"] for row in everything] == [TENANT], everything)


def shapes(client):
    """Options of the client library."""
    answer = client.query_workspace(
        TENANT, "AuditLogs | summarize n = count() by bin(TimeGenerated, 1h), OperationName | render timechart",
        timespan=DAY, include_statistics=True, include_visualization=True, server_timeout=30)
    check("statistics and visualization come when asked for",
          answer.statistics["query"]["executionTime"] >= 0 and answer.visualization["visualization"] == "timechart",
          (answer.statistics, answer.visualization))
    now = datetime.datetime.now(datetime.timezone.utc)
    check("a window in the past is empty", rows(client, "AuditLogs", (now - 3 * DAY, DAY)) == [])
    typed = rows(client, "print s='x', l=long(5), r=1.5, b=true, d=datetime(2026-01-02), t=1h, j=dynamic({'a':[1]}), "
                         "n=long(null)")
    check("values have the types that the library expects", typed == [{
        "s": "x", "l": 5, "r": 1.5, "b": True, "d": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
        "t": "01:00:00", "j": '{"a":[1]}', "n": None}], typed)
    batch = client.query_batch([
        LogsBatchQuery(workspace_id=TENANT, query="AuditLogs | count", timespan=DAY),
        LogsBatchQuery(workspace_id=TENANT, query="NoSuchTable | count", timespan=DAY),
        LogsBatchQuery(workspace_id=str(uuid.uuid4()), query="AuditLogs | count", timespan=DAY)])
    check("a batch answers each by itself", [one.status for one in batch]
          == [LogsQueryStatus.SUCCESS, LogsQueryStatus.FAILURE, LogsQueryStatus.FAILURE], batch)
    columns = client.query_workspace(TENANT, "AuditLogs | take 1", timespan=DAY).tables[0].columns
    check("what the service hides is not shown", "TenantId" in columns and "_ItemId" not in columns, columns)
    received = rows(client, "AuditLogs | where ingestion_time() > ago(1h) | take 1 | project _TimeReceived, _ItemId")
    check("and is there when it is named", len(received) == 1, received)


def saved(admin, client):
    """What a tenant keeps for its queries."""
    admin.call("POST", "/security/watchlists", {
        "displayName": "known-apps", "itemsSearchKey": "AppId",
        "rawContent": f"AppId,Owner\n{FACTS['web_client_id']},\"Web, console\"\n"})
    admin.call("POST", "/security/logFunctions", {
        "displayName": "SignInsOf", "parameters": "app:string",
        "query": "Granted | where AppId == app // of one application"})
    made = admin.call("POST", "/security/logFunctions", {
        "displayName": "Granted", "query": "AADServicePrincipalSignInLogs | where ResultType == 0"})
    known = rows(client, "let known = _GetWatchlist('known-apps'); known | join kind=inner Granted on "
                         "$left.SearchKey == $right.AppId | summarize by Owner")
    check("a query compares with a watchlist and calls a function by its name", known == [{"Owner": "Web, console"}],
          known)
    found = rows(client, f"SignInsOf('{FACTS['web_client_id']}') | summarize by AppId")
    check("a function calls another, whichever was made first", [row["AppId"] for row in found]
          == [FACTS["web_client_id"]], found)
    refused("what is wrong behind them is where it was sent", lambda: rows(
        client, "Granted\n| where AppId in (_GetWatchlist('known-apps')) and Wrong == 1"), 400, '"line": 2', '"pos": 52')
    refused("a list that is not there is said by its name", lambda: rows(client, "_GetWatchlist('nothing')"), 400,
            "nothing")
    said = "print said = \"_GetWatchlist('known-apps')\" // _GetWatchlist('nothing')"
    check("what only says its name stays as it is", rows(client, said) == [{"said": "_GetWatchlist('known-apps')"}])
    admin.call("DELETE", f"/security/logFunctions/{made['id']}")
    refused("what is deleted is no name any more", lambda: rows(client, "Granted | count"), 400, "Granted")


def by_hand(admin):
    """What the library does not send."""
    web = Client(BASE, FACTS["ca"])
    answer = web.json("GET", f"/v1/workspaces/{TENANT}/query?query=AuditLogs%20%7C%20count&timespan=P1D", None,
                      admin.bearer())
    check("GET answers too", answer.status == 200 and answer.json()["tables"][0]["rows"][0][0] > 0, answer)
    answer = web.json("GET", f"/v1/workspaces/{TENANT}/metadata", None, admin.bearer())
    known = {table["name"]: table for table in answer.json()["tables"]}
    check("metadata names the tables and their columns",
          {"name": "Agent", "type": "dynamic"} in known["SigninLogs"]["columns"], list(known))
    answer = web.json("POST", f"/v1/workspaces/{TENANT}/query", {"query": "AuditLogs"}, None)
    check("without a token nothing is answered", answer.status == 401
          and answer.json()["error"]["code"] == "AuthorizationRequiredError", answer)


def main():
    admin, client = Directory(BASE, FACTS["ca"], ADMIN), reader()
    seed_query(admin, client)
    tables(admin, client)
    chains(client)
    errors(client)
    shapes(client)
    saved(admin, client)
    by_hand(admin)
    done()


main()
