"""Alert rules in KQL: built in and one's own, streaming and scheduled, and their way out."""
import argparse
import pathlib
import statistics
import tempfile
import time
from datetime import datetime, timedelta, timezone

import certificates
from checks import check, done
from collectors import SECRET, TOKEN, Collector, Mailbox, Rsyslog
from directory import Directory, Refused, TokenClient
from exports import sample, until
from https_client import Client
from server import Server


class Scene:
    """A tenant, and a webhook that gets its alerts."""

    def __init__(self, server, collector, mailbox, rsyslog):
        self.server, self.collector, self.mailbox, self.rsyslog = server, collector, mailbox, rsyslog
        self.directory = Directory(server.base, server.ca, server.create_tenant("Contoso"))
        self.ada = self.directory.user()
        self.blueprint, self.principal = self.directory.blueprint(self.ada)
        self.agent = self.directory.agent(self.blueprint, self.ada)
        self.resource, self.resource_principal = self.directory.resource("api://orders")

    def call(self, *words, **options):
        """Over a connection of its own: an idle one may have been closed."""
        self.directory.client = Client(self.directory.base, self.server.ca)
        return self.directory.call(*words, **options)

    def rules(self):
        self.directory.client = Client(self.directory.base, self.server.ca)
        return list(self.directory.pages("/security/alertRules"))

    def alerts(self, category=None):
        """What was raised, as the directory lists it."""
        self.directory.client = Client(self.directory.base, self.server.ca)
        found = list(self.directory.pages("/security/alerts"))
        return [alert for alert in found if category in (None, alert["category"])]

    def raised(self, category, count=1, wait=30):
        until(lambda: len(self.alerts(category)) >= count, wait)
        return self.alerts(category)

    def sent(self, category):
        """What the webhook got, with when."""
        return [(when, event) for when, event in self.collector.got["hook"] if event["data"]["category"] == category]


def built_in(scene):
    """What comes with the program."""
    names = {rule.get("builtIn") for rule in scene.rules()}
    wanted = {"credentialExpiring", "agentBlocked", "failedRequests", "permissionChanged", "roleChanged", "outsideDeployment", "sponsorMissing"}
    until(lambda: wanted <= {rule.get("builtIn") for rule in scene.rules()})
    names = {rule.get("builtIn") for rule in scene.rules()}
    check("the built-in rules are there", names == wanted, names)
    scene.call("PATCH", f"/servicePrincipals/{scene.agent['id']}", {"accountEnabled": False})
    blocked = scene.raised("agentBlocked")
    check("a blocked agent raises an alert about itself", len(blocked) == 1 and blocked[0]["subject"] == scene.agent["id"], blocked)
    scene.call("PATCH", f"/servicePrincipals/{scene.agent['id']}", {"accountEnabled": True})
    scene.directory.assign(scene.agent, scene.resource, scene.resource_principal)
    changed = scene.raised("permissionChanged")
    check("a permission that an agent got raises one", [alert["subject"] for alert in changed] == [scene.agent["id"]], changed)
    secret = scene.directory.password(scene.blueprint)
    added = scene.raised("blueprintCredentialChanged")
    check("a credential on a blueprint raises one with the change", len(added) == 1, added)
    tokens = TokenClient(scene.directory, scene.server.ca, scene.blueprint["appId"], "wrong" + secret)
    for _ in range(25):
        tokens.first_step(scene.agent["id"])
    failed = scene.raised("failedRequests", wait=100)
    check("requests that fail again and again raise one", len(failed) == 1 and failed[0]["severity"] == "high", failed)
    check("it says how many", "of 2" in failed[0]["description"], failed[0]["description"])
    for category, alerts in {"agentBlocked": blocked, "permissionChanged": changed, "blueprintCredentialChanged": added,
                             "failedRequests": failed}.items():
        arrived = until(lambda: scene.sent(category), 20) and [event["data"]["id"] for _, event in scene.sent(category)]
        check(f"{category} goes out by the signed webhook", arrived == [alert["id"] for alert in alerts], arrived)


def told_of_changes(scene, link):
    """What a client that follows the directory is told since `link`, and the next one."""
    scene.directory.client = Client(scene.directory.base, scene.server.ca)
    items, path = [], link or "/v1.0/directoryObjects/delta?$deltatoken=latest"
    while True:
        answer = scene.directory.client.json("GET", path, bearer=scene.directory.bearer())
        if answer.status != 200:
            return answer, None
        page = answer.json()
        items += page["value"]
        if "@odata.deltaLink" in page:
            return items, page["@odata.deltaLink"].removeprefix(scene.directory.base)
        path = page["@odata.nextLink"].removeprefix(scene.directory.base)


def change_rule(scene, name, change):
    """Changes a built-in rule as its operators may."""
    rule = next(rule for rule in scene.rules() if rule.get("builtIn") == name)
    return scene.call("PATCH", f"/security/alertRules/{rule['id']}", change(rule) if callable(change) else change)


def roles(scene):
    """A directory role that somebody got and lost; a group that somebody joined."""
    bob = scene.directory.user("bob")
    group = scene.call("POST", "/groups", {"displayName": "no role", "mailEnabled": False, "mailNickname": "none", "securityEnabled": True})
    scene.call("POST", f"/groups/{group['id']}/members/$ref", {"@odata.id": scene.directory.reference("directoryObjects", bob["id"])})
    given = scene.call("POST", "/roleManagement/directory/roleAssignments", {
        "principalId": bob["id"], "roleDefinitionId": "5d6b6bb7-de71-4623-b4af-96380a352509", "directoryScopeId": "/"})
    scene.call("DELETE", f"/roleManagement/directory/roleAssignments/{given['id']}")
    changed = scene.raised("roleChanged", 2)
    words = sorted(alert["description"].split(" by ")[0] for alert in changed)
    check("a directory role that was given, and one that was taken, raise one each", words == [
        "Add member to role 'Security Reader'", "Remove member from role 'Security Reader'"], changed)
    check("about who got or lost it, and a group raises none", {alert["subject"] for alert in changed} == {bob["id"]}, changed)


def outsiders(scene):
    """Who changes agents, and is not who deploys."""
    scene.call("PATCH", f"/servicePrincipals/{scene.agent['id']}", {"tags": ["nobody said who deploys"]})
    deployer = scene.directory._id
    change_rule(scene, "outsideDeployment", lambda rule: {
        "isEnabled": True, "query": rule["query"].replace("dynamic([])", f"dynamic(['{deployer}'])")})
    time.sleep(1)
    scene.call("PATCH", f"/servicePrincipals/{scene.agent['id']}", {"tags": ["by who deploys"]})
    application, principal = scene.directory.client_application("somebody else")
    api = scene.call("GET", "/servicePrincipals?$filter=appId%20eq%20'00000003-0000-0000-c000-000000000000'")["value"][0]
    role = next(role["id"] for role in api["appRoles"] if role["value"] == "AgentIdentity.ReadWrite.All")
    scene.call("POST", f"/servicePrincipals/{principal['id']}/appRoleAssignments", {
        "principalId": principal["id"], "resourceId": api["id"], "appRoleId": role})
    other = Directory(scene.server.base, scene.server.ca, {
        "tenantId": scene.directory.tenant, "adminClientId": application["appId"],
        "adminClientSecret": scene.directory.password(application)})
    other.call("PATCH", f"/servicePrincipals/{scene.agent['id']}", {"tags": ["by somebody else"]})
    outside = scene.raised("outsideDeployment")
    check("a change of an agent by other than who deploys raises one, and only that", len(outside) == 1
          and outside[0]["subject"] == scene.agent["id"] and "'somebody else'" in outside[0]["description"], outside)


def over_time(scene):
    """Rules that look at how things are: asked each minute here, which is hourly otherwise."""
    # A flood first: its counts come out after a minute.
    flood = Client(scene.server.base, scene.server.ca)
    for _ in range(700):
        flood.form(scene.directory.token_path, {"grant_type": "client_credentials", "client_id": scene.blueprint["appId"],
                                                "client_assertion": "x", "scope": "api://orders/.default"})
    soon, late = (datetime.now(timezone.utc) + timedelta(days=days) for days in (10, 40))
    application, _ = scene.directory.client_application("holder")
    for name, end in {"ends soon": soon, "ends late": late}.items():
        scene.call("POST", f"/applications/{application['id']}/addPassword", {
            "passwordCredential": {"displayName": name, "endDateTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")}})
    away, leaving = scene.directory.user("away"), scene.directory.user("leaving")
    left, kept = (scene.directory.agent(scene.blueprint, away, name) for name in ("left-alone", "kept"))
    scene.directory.agent(scene.blueprint, leaving, "passed on")
    scene.call("POST", f"/servicePrincipals/{kept['id']}/sponsors/$ref",
               {"@odata.id": scene.directory.reference("directoryObjects", scene.ada["id"])})
    scene.call("PATCH", f"/users/{away['id']}", {"accountEnabled": False})
    scene.call("DELETE", f"/users/{leaving['id']}")
    for name in ("credentialExpiring", "sponsorMissing"):
        change_rule(scene, name, {"frequencyInMinutes": 1})
    expiring = scene.raised("credentialExpiring", wait=150)
    check("a secret that ends in ten days raises one, one that ends in forty none", len(expiring) == 1
          and expiring[0]["subject"] == application["id"] and "'ends soon' of 'holder'" in expiring[0]["description"], expiring)
    missing = scene.raised("sponsorMissing", wait=150)
    check("an agent whose only sponsor was turned off raises one; one with another sponsor, or that was passed on, none",
          [alert["subject"] for alert in missing] == [left["id"]], missing)
    unknown = lambda: [alert for alert in scene.alerts("failedRequests") if "unknown clients at 127.0.0.1" in alert["description"]]
    until(unknown, 180)
    check("refusals that were recorded as counts raise one, with their number", len(unknown()) == 1
          and int(unknown()[0]["description"].split()[0]) >= 90, scene.alerts("failedRequests"))


def other_ways(scene):
    """The same alerts by mail and by syslog."""
    wanted = {alert["id"] for alert in scene.alerts()}
    links = lambda: {mail.get_content().rsplit("/security/alerts/", 1)[1].split()[0] for _, _, mail in scene.mailbox.mails}
    until(lambda: wanted <= links(), 20)
    check("each alert is mailed, once", wanted == links() and len(scene.mailbox.mails) == len(wanted), (wanted - links(), len(scene.mailbox.mails)))
    mails = scene.mailbox.mails
    check("over TLS, to everybody named, with what it is about", mails and all(
        tls and to == ["oncall@contoso.test", "second@contoso.test"] and mail["subject"].startswith("[") for tls, to, mail in mails), mails[:1])
    lines = lambda: [message for message in scene.rsyslog.messages() if "CEF:0|Signet|Signet|" in message["msg"]]
    until(lambda: len(lines()) >= len(wanted), 20)
    check("each goes to syslog as an alert", len(lines()) >= len(wanted) and all(line["syslogseverity"] == "1" for line in lines()), lines()[:1])


def refused(scene, body, said, name):
    try:
        scene.call("POST", "/security/alertRules", body)
        check(name, False, "it was taken")
    except Refused as error:
        check(name, said in str(error), error)


def own(scene):
    """A tenant's own rules."""
    rule = {"displayName": "An application was made", "severity": "low", "evaluation": "streaming", "suppressForMinutes": 60,
            "description": "'{{SubjectName}}' by '{{Who}}'", "groupBy": ["SubjectName"],
            "query": "AuditLogs | where OperationName == 'Add application' | project SubjectId = tostring(TargetResources[0].id), "
                     "SubjectName = tostring(TargetResources[0].displayName), Who = tostring(InitiatedBy.app.displayName)"}
    refused(scene, rule | {"query": "AuditLogs | where Nonsense == 1"}, "Nonsense", "a query over what does not exist is refused")
    refused(scene, rule | {"query": "AuditLogs | wher"}, "line 1", "a query that is none is refused with its place")
    refused(scene, rule | {"query": "AuditLogs | summarize count() by SubjectName = Id"}, "scheduled", "what counts cannot stream")
    refused(scene, rule | {"groupBy": ["Nobody"]}, "Nobody", "a group by what is no column is refused")
    dry = scene.call("POST", "/security/alertRules/dryRun", {"rule": rule, "lookBackInMinutes": 60})["value"]
    check("a dry run shows what would have been raised, and raises nothing",
          any(one["description"].startswith("'orders' by") for one in dry) and not scene.alerts("alertRule"), dry)
    made = scene.call("POST", "/security/alertRules", rule)
    time.sleep(1)
    first = scene.call("POST", "/applications", {"displayName": "watched"})
    alerts = scene.raised("alertRule")
    check("an own streaming rule raises an alert with its own words", len(alerts) == 1 and alerts[0]["subject"] == first["id"]
          and alerts[0]["title"] == "An application was made" and alerts[0]["description"].startswith("'watched' by 'Administrator"), alerts)
    scene.call("POST", "/applications", {"displayName": "watched"})
    scene.call("POST", "/applications", {"displayName": "other"})
    alerts = scene.raised("alertRule", 2)
    check("a group that is silent raises nothing, another does", sorted(alert["description"].split("'")[1] for alert in alerts) == ["other", "watched"], alerts)
    dry = scene.call("POST", f"/security/alertRules/{made['id']}/dryRun", {})["value"]
    check("a dry run counts hits in groups", any(one["hits"] == 2 for one in dry), dry)
    scene.call("PATCH", f"/security/alertRules/{made['id']}", {"isEnabled": False})
    time.sleep(1)
    scene.call("POST", "/applications", {"displayName": "unseen"})
    scene.call("DELETE", f"/security/alertRules/{made['id']}")
    blocking = next(rule for rule in scene.rules() if rule.get("builtIn") == "agentBlocked")
    try:
        scene.call("DELETE", f"/security/alertRules/{blocking['id']}")
        check("a built-in rule stays", False)
    except Refused as error:
        check("a built-in rule stays", "isEnabled" in str(error), error)
    loop = rule | {"displayName": "Everything", "query": "AuditLogs", "groupBy": [], "suppressForMinutes": 0, "description": "x"}
    everything = scene.call("POST", "/security/alertRules", loop)
    scene.call("POST", "/applications", {"displayName": "stone in the pond"})
    until(lambda: len(scene.alerts("alertRule")) > 2, 10)
    time.sleep(3)
    count = len(scene.alerts("alertRule"))
    time.sleep(3)
    check("a rule that is asked of everything does not feed itself", count == len(scene.alerts("alertRule")) and count < 10, count)
    scene.call("DELETE", f"/security/alertRules/{everything['id']}")
    check("a disabled rule raises nothing", not any("unseen" in alert["description"] for alert in scene.alerts()))


def crash(scene):
    """SIGKILL between records and alerts: each is raised once."""
    rule = scene.call("POST", "/security/alertRules", {
        "displayName": "Each", "severity": "low", "evaluation": "streaming", "suppressForMinutes": 600, "groupBy": ["SubjectName"],
        "description": "{{SubjectName}}", "query": "AuditLogs | where OperationName == 'Add application' "
        "| project SubjectName = tostring(TargetResources[0].displayName)"})
    time.sleep(1)
    for number in range(6):
        scene.call("POST", "/applications", {"displayName": f"crash-{number}"})
        if number % 2:
            scene.server.kill()
            scene.server.start()
    wanted = [f"crash-{number}" for number in range(6)]
    until(lambda: len([a for a in scene.alerts("alertRule") if a["description"].startswith("crash-")]) >= 6, 60)
    found = sorted(alert["description"] for alert in scene.alerts("alertRule") if alert["description"].startswith("crash-"))
    check("kills neither lose an alert nor raise one twice", found == wanted, found)
    scene.call("DELETE", f"/security/alertRules/{rule['id']}")


def speed(scene):
    """From the change to the alert, and to the webhook."""
    raised, sent = [], []
    for _ in range(12):
        scene.call("PATCH", f"/servicePrincipals/{scene.agent['id']}", {"accountEnabled": True})
        made = scene.call("POST", "/security/alertRules", {
            "displayName": "Timed", "severity": "low", "evaluation": "streaming", "suppressForMinutes": 0, "description": "timed",
            "query": "AuditLogs | where OperationName == 'Add application' | project At = TimeGenerated"})
        time.sleep(0.7)
        before = len(scene.alerts("alertRule"))
        begun = time.time()
        scene.call("POST", "/applications", {"displayName": "timed"})
        known = len(scene.collector.got["hook"])
        if until(lambda: len(scene.alerts("alertRule")) > before, 20):
            alert = max(scene.alerts("alertRule"), key=lambda one: one["createdDateTime"])
            raised.append(datetime.fromisoformat(alert["createdDateTime"]).timestamp() - begun)
            if until(lambda: any(event["data"]["id"] == alert["id"] for _, event in scene.collector.got["hook"][known:]), 20):
                sent.append(next(when for when, event in scene.collector.got["hook"][known:] if event["data"]["id"] == alert["id"]) - begun)
        scene.call("DELETE", f"/security/alertRules/{made['id']}")
    if check("each timed change raised an alert that went out", len(raised) == len(sent) == 12, (len(raised), len(sent))):
        print(f"     from the change to the alert: median {statistics.median(raised):.2f} s, longest {max(raised):.2f} s; "
              f"to the webhook: median {statistics.median(sent):.2f} s, longest {max(sent):.2f} s", flush=True)


def main():
    argparse.ArgumentParser().parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-alerts-"))
    certificates.authority(folder)
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "password").write_text(TOKEN + "\n")
    with Collector(folder) as collector, Mailbox(folder) as mailbox, Rsyslog(folder) as rsyslog:
        config = f"""
[fetch]
allow = ["localhost:{collector.port}", "localhost:{mailbox.port}", "localhost:{rsyslog.port}"]
extra_ca = ["{folder}/peer-ca.pem"]

[exports.hook]
to = "webhook"
url = "{collector.base}/hook"
secret_file = "{folder}/secret"
records = "alerts"

[exports.mail]
to = "mail"
server = "localhost:{mailbox.port}"
sender = "Signet <signet@contoso.test>"
recipients = ["On call <oncall@contoso.test>", "second@contoso.test"]
user = "signet"
password_file = "{folder}/password"
records = "alerts"

[exports.syslog]
to = "syslog"
server = "localhost:{rsyslog.port}"
format = "cef"
records = "alerts"
"""
        with Server(folder / "server", config) as server:
            scene = Scene(server, collector, mailbox, rsyslog)
            _, link = told_of_changes(scene, None)
            built_in(scene)
            roles(scene)
            outsiders(scene)
            over_time(scene)
            items, link = told_of_changes(scene, link)
            kinds = {item.get("@odata.type", "").rsplit(".", 1)[-1] for item in items} if link else items
            check("who follows the directory is told of rules and alerts, and not of how far they or exports have come",
                  link and {"alert", "alertRule"} <= kinds and not kinds & {"alertProgress", "alertGroup", "exportCursor", "lease", ""}, kinds)
            other_ways(scene)
            own(scene)
            crash(scene)
            speed(scene)
            check("no alert was refused by who got it", not collector.wrong and not sample(server, "signet_export_dead_letters_total", "hook"),
                  collector.wrong[:3])
            server.stop()
    done()


if __name__ == "__main__":
    main()
