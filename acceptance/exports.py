"""Every record reaches each receiver at least once, in the form that it reads; receivers that fail cost nothing else."""
import argparse
import collections
import json
import pathlib
import statistics
import tempfile
import time

import jsonschema
import ocsf_json_schema

import certificates
from checks import check, done, expect, skip
from collectors import SECRET, TOKEN, Collector, Nats, Rsyslog
from directory import Directory, TokenClient
from https_client import Client
from server import Server

WAIT = 60.0


def config(folder, collector, rsyslog, nats):
    """A sink of each kind, and two that never work."""
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "token").write_text(TOKEN + "\n")
    secret, token = f'secret_file = "{folder}/secret"', f'"{folder}/token"'
    ports = [collector.port, rsyslog.port, nats.port]
    allowed = ", ".join(f'"localhost:{port}"' for port in ports)
    return f"""
[fetch]
allow = [{allowed}]
extra_ca = ["{folder}/peer-ca.pem"]

[exports.hook]
to = "webhook"
url = "{collector.base}/hook"
{secret}

[exports.ocsf]
to = "webhook"
url = "{collector.base}/ocsf"
format = "ocsf"
batch = 40
{secret}

[exports.alarms]
to = "webhook"
url = "{collector.base}/alarms"
format = "record"
records = "alerts"
{secret}

[exports.splunk]
to = "splunk"
url = "{collector.base}"
token_file = {token}
index = "identity"
acknowledge = true

[exports.elastic]
to = "elastic"
url = "{collector.base}/elastic"
index = "logs-signet"
api_key_file = {token}

[exports.azure]
to = "azure-monitor"
endpoint = "{collector.base}"
rule = "dcr-1"
token_url = "{collector.base}/token"
client_id = "client"
client_secret_file = {token}

[exports.syslog]
to = "syslog"
server = "localhost:{rsyslog.port}"

[exports.cef]
to = "syslog"
server = "localhost:{rsyslog.port}"
format = "cef"
tables = ["AuditLogs"]

[exports.nats]
to = "nats"
server = "localhost:{nats.port}"
subject = "signet.{{tenant}}.{{table}}"
user = "signet"
password_file = {token}

[exports.inside]
to = "webhook"
url = "https://127.0.0.1:{collector.port}/inside"
{secret}

[exports.nobody]
to = "syslog"
server = "localhost:{collector.port - 1 if collector.port - 1 not in ports else collector.port + 1}"
"""


class Activity:
    """A tenant in which something happens."""

    def __init__(self, server):
        self.ca = server.ca
        self.directory = Directory(server.base, server.ca, server.create_tenant("Contoso"))
        directory = self.directory
        self.ada = directory.user()
        self.blueprint, self.principal = directory.blueprint(self.ada)
        self.agent = directory.agent(self.blueprint, self.ada)
        self.secret = directory.password(self.blueprint)
        self.uri = "api://orders"
        self.resource, self.resource_principal = directory.resource(self.uri)
        directory.assign(self.agent, self.resource, self.resource_principal)
        other, principal = directory.client_application("plain")
        directory.assign(principal, self.resource, self.resource_principal)
        directory.enable(principal, False)
        directory.call("PATCH", f"/users/{self.ada['id']}", {"displayName": "Ada | L\\ove=lace\n2"})
        directory.call("DELETE", f"/applications/{other['id']}")
        self.fresh_client = lambda: TokenClient(directory, server.ca, self.blueprint["appId"], self.secret)
        self.tokens = self.fresh_client()

    def again(self):
        """A connection that was idle may have been closed."""
        self.directory.client, self.tokens = Client(self.directory.base, self.ca), self.fresh_client()

    def tokens_of_agent(self, count):
        """Both steps, so many times; how many tokens there were."""
        self.again()
        issued = 0
        for _ in range(count):
            first = self.tokens.first_step(self.agent["id"])
            second = self.tokens.second_step(self.agent["id"], first.json()["access_token"], f"{self.uri}/.default")
            issued += (first.status == 200) + (second.status == 200)
        return issued

    def refusals(self, count):
        """Requests with a wrong secret."""
        self.again()
        for _ in range(count):
            self.tokens.client.form(self.directory.token_path, {
                "grant_type": "client_credentials", "client_id": self.blueprint["appId"], "client_secret": "wrong",
                "scope": f"{self.uri}/.default"})

    def recorded(self):
        """The ids of all sign-ins and audits, as the directory API lists them."""
        self.again()
        listed = [item["id"] for path in ("signIns", "directoryAudits") for item in self.directory.pages(f"/auditLogs/{path}?$top=500")]
        return set(listed)


def ids(collector, name):
    """How often each event came."""
    field = {"hook": lambda event: event["id"], "ocsf": lambda event: event["metadata"]["uid"],
             "alarms": lambda event: event["Id"], "splunk": lambda event: event["fields"]["signet_id"],
             "elastic": lambda event: event["event"]["id"], "azure": lambda event: event.get("Id") or event.get("RequestId")}[name]
    return collections.Counter(field(event) for _, event in collector.got[name])


def until(condition, wait=WAIT):
    """Waits for something to hold; whether it did."""
    end = time.monotonic() + wait
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return bool(condition())


def sample(server, name, sink):
    """One sink's value of a metric."""
    import urllib.request
    with urllib.request.urlopen(f"http://127.0.0.1:{server.management_port}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + "{") and f'sink="{sink}"' in line:
                return float(line.rsplit(" ", 1)[1])
    return None


def complete(receivers, wanted):
    """Each receiver has what it must have; the names and the numbers of what is missing."""
    def missing():
        return {name: len(wanted - got()) for name, got in receivers.items() if wanted - got()}

    until(lambda: not missing())
    return missing()


def validate(events):
    """What the published schema says against OCSF events, by class."""
    schema = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema(version="1.8.0"))
    validators, wrong, classes = {}, collections.Counter(), collections.Counter()
    for event in events:
        uid = event["class_uid"]
        if uid not in validators:
            found = schema.get_class_schema(schema.lookup_class_name_from_uid(uid), [])
            validators[uid] = jsonschema.Draft202012Validator(found)
        classes[uid] += 1
        for error in validators[uid].iter_errors(event):
            wrong[f"{uid} {event['activity_name']} {error.json_path}: {error.message[:160]}"] += 1
        if event["type_uid"] != uid * 100 + event["activity_id"]:
            wrong[f"{uid}: type_uid"] += 1
    return wrong, classes


def refusals_of_configuration(folder):
    """A start with a sink that makes no sense."""
    for name, text, said in [
        ("a key that nobody knows", '[exports.a]\nto = "syslog"\nserver = "localhost:1"\nsever = 2\n', "unknown field `sever`"),
        ("a receiver that nobody knows", '[exports.a]\nto = "fax"\n', "unknown variant `fax`"),
        ("a secret that is not there", '[exports.a]\nto = "webhook"\nurl = "https://a.example"\nsecret_file = "/nowhere"\n', "/nowhere"),
        ("a name that could not stand in a metric", '[exports.A_B]\nto = "syslog"\nserver = "localhost:1"\n', "small letters"),
    ]:
        server = Server(folder / "refused", text)
        try:
            server.start(30)
            check(f"{name} stops the start", False)
        except RuntimeError as error:
            check(f"{name} stops the start and is named", said in str(error), error)
        finally:
            server.kill()


class Scene:
    """A server, its receivers, and what happened."""

    def __init__(self, server, collector, rsyslog, nats):
        self.server, self.collector, self.rsyslog, self.nats = server, collector, rsyslog, nats
        self.activity = Activity(server)

    def receivers(self):
        """What each receiver has, by the ids of the records."""
        web = {name: (lambda name=name: set(ids(self.collector, name))) for name in ("hook", "ocsf", "splunk", "elastic", "azure")}
        syslog = {"syslog": lambda: {event["Id"] for event in self.syslog_records() if "Id" in event}}
        return web | syslog | {"nats": lambda: {event["id"] for _, event in self.nats.messages("SIGNET")}}

    def syslog_records(self):
        return [json.loads(message["msg"]) for message in self.rsyslog.messages() if message["msg"].lstrip().startswith("{")]

    def all_arrive(self, name):
        wanted = self.activity.recorded()
        missing = complete(self.receivers(), wanted)
        return check(f"{name} ({len(wanted)} sign-ins and audits)", not missing, missing)


def everything_arrives(scene):
    """One of each kind of record, at each receiver, in the form that it reads."""
    activity, collector = scene.activity, scene.collector
    check("the agent gets its tokens", activity.tokens_of_agent(3) == 6)
    activity.refusals(2)
    scene.all_arrive("each receiver has every record")
    tables = collections.Counter(event["Type"] for _, event in collector.got["azure"])
    check("tables of sign-ins and audits arrive", {"AuditLogs", "AADServicePrincipalSignInLogs"} <= set(tables), tables)
    wrong, classes = validate([event for _, event in collector.got["ocsf"]])
    check(f"every OCSF event validates against the published schema {dict(classes)}", not wrong, wrong.most_common(5))
    check("OCSF has sign-ins, accounts, entities, grants and findings", {3001, 3002, 3004, 3005, 2004} <= set(classes), classes)
    alarms = [event for _, event in collector.got["alarms"]]
    check("alerts alone go where alerts are wanted", alarms and all(event["Category"] == "SecurityAlert" for event in alarms), alarms[:1])
    check("no receiver got what its kind would refuse", not collector.wrong, collector.wrong[:5])
    check("an inside address that is not configured gets nothing", not collector.got["inside"])


def forms(scene):
    """What a receiver of each kind looks at."""
    hook = [event for _, event in scene.collector.got["hook"]]
    tenant = scene.activity.directory.tenant
    check("CloudEvents name their source and their tenant", all(
        event["specversion"] == "1.0" and event["source"] == f"{scene.server.base}/{tenant}" for event in hook))
    splunk = next(event for _, event in scene.collector.got["splunk"] if event["event"]["category"] == "AuditLogs")
    check("Splunk gets the vendor's envelope", splunk["sourcetype"] == "azure:monitor:aad" and splunk["index"] == "identity"
          and {"operationName", "tenantId", "identity"} <= set(splunk["event"]) and "initiatedBy" in splunk["event"]["properties"], splunk)
    ecs = [event for _, event in scene.collector.got["elastic"]]
    audits = [event for event in ecs if event["event"]["dataset"] == "azure.auditlogs"]
    check("ECS has the fields of Filebeat", all("0" in event["azure"]["auditlogs"]["properties"]["target_resources"] for event in audits
          if event["azure"]["auditlogs"]["properties"]["target_resources"]) and audits[0]["event"]["category"] == ["iam"], audits[0])
    messages = scene.rsyslog.messages()
    check("syslog messages are RFC 5424, from who sends, with the table as their id", all(
        message["protocol-version"] == "1" and message["hostname"] == "localhost" and message["structured-data"] == "-"
        for message in messages) and {"AuditLogs"} <= {message["msgid"] for message in messages}, messages[0])
    cef = [message["msg"].strip() for message in messages if message["msg"].strip().startswith("CEF:0|Signet|Signet|")]
    renamed = [line for line in cef if "|Update user|" in line]
    check("CEF lines have seven fields before the pairs, also of what holds their separators", bool(renamed) and all(
        len(line.replace("\\\\", "").replace("\\|", "").split("|")) >= 8 and "rt=" in line for line in cef), renamed)
    subjects = {subject.split(".")[1] for subject, _ in scene.nats.messages("SIGNET")}
    check("NATS subjects name the tenant", subjects == {tenant}, subjects)


def failures(scene, burst):
    """A receiver that is gone delays its own sink and nothing else; when it is back, nothing is missing."""
    server, collector, activity = scene.server, scene.collector, scene.activity
    collector.down |= {"hook", "services"}
    scene.nats.stop()
    before = sample(server, "signet_export_failures_total", "hook")
    begun = time.monotonic()
    issued = activity.tokens_of_agent(burst)
    took = time.monotonic() - begun
    check("tokens are issued while receivers are gone", issued == 2 * burst, issued)
    check("a receiver that is gone is counted", until(lambda: sample(server, "signet_export_failures_total", "hook") > before))
    check("what waits is counted", until(lambda: (sample(server, "signet_export_depth_records", "hook") or 0) > 0))
    check("its lag grows", until(lambda: (sample(server, "signet_export_lag_seconds", "hook") or 0) > 2))
    check("others go on", until(lambda: sample(server, "signet_export_lag_seconds", "ocsf") == 0))
    arrived = [when for when, _ in collector.got["ocsf"]][-2 * burst:]
    print(f"     {2 * burst / took:.0f} tokens/s with a client of its own; OCSF over HTTPS took them as they came, "
          f"{len(arrived)} in {arrived[-1] - arrived[0]:.1f} s", flush=True)
    collector.down.clear()
    scene.nats.start()
    scene.all_arrive("after they are back nothing is missing")
    check("and nothing is counted as waiting", until(lambda: sample(server, "signet_export_depth_records", "hook") == 0))
    twice = sum(count > 1 for count in ids(collector, "elastic").values())
    check("Elasticsearch has nothing twice", twice == 0, twice)
    listed = [event["id"] for _, event in scene.nats.messages("SIGNET")]
    check("the stream of NATS has nothing twice", len(listed) == len(set(listed)), len(listed) - len(set(listed)))


def dead_letters(scene):
    """What a receiver refuses for what it is becomes a dead letter; what is around it arrives."""
    server, collector, activity = scene.server, scene.collector, scene.activity
    activity.tokens_of_agent(2)
    scene.all_arrive("before the poison everything arrives")
    collector.refused["hook"] = "Unwelcome name"
    activity.again()
    activity.directory.call("POST", "/applications", {"displayName": "Unwelcome name"})
    activity.tokens_of_agent(2)
    check("a refused event becomes a dead letter", until(lambda: sample(server, "signet_export_dead_letters_total", "hook") >= 1))
    until(lambda: sample(server, "signet_export_lag_seconds", "hook") == 0)
    dead = sample(server, "signet_export_dead_letters_total", "hook")
    missing = activity.recorded() - set(ids(collector, "hook"))
    check("what is around it arrives", 1 <= len(missing) <= dead, (len(missing), dead))
    collector.refused.clear()
    return missing


def by_command(scene, dead):
    """The dead letters that stand, by the command line: looked at, sent again, given up."""
    server, collector, activity = scene.server, scene.collector, scene.activity
    run = lambda *words: server.command("exports", "dead-letters", *words, "--config", server.config)
    listed = json.loads(run("list", "--sink", "hook", "--output", "json"))
    check("the command lists each with what the receiver said", {letter["record"] for letter in listed} >= dead
          and all("will not take" in letter["reason"] for letter in listed), listed[:2])
    check("as a table too", listed[0]["record"] in run("list", "--output", "table"))
    check("no other sink has any", json.loads(run("list", "--sink", "ocsf", "--output", "json")) == [])
    one, *rest = listed
    shown = json.loads(run("show", one["id"], "--output", "json"))
    check("and shows one", shown["record"] == one["record"] and not shown["isResendRequested"], shown)
    collector.refused["hook"] = "Unwelcome name"
    run("resend", one["id"])
    refused = lambda: json.loads(run("show", one["id"], "--output", "json"))
    check("one that is refused again stays", until(lambda: not refused()["isResendRequested"]) and "will not take" in refused()["reason"])
    collector.refused.clear()
    run("drop", one["id"])
    run("resend", "--sink", "hook")
    left = lambda: json.loads(run("list", "--sink", "hook", "--output", "json"))
    check("those that are taken are gone from the list", until(lambda: not left()), left)
    have = set(ids(collector, "hook"))
    check("what was sent again arrived, and what was dropped did not", {letter["record"] for letter in rest} <= have
          and one["record"] not in have, len(rest))
    activity.again()
    audits = {audit["activityDisplayName"] for audit in activity.directory.pages("/auditLogs/directoryAudits?$top=500")}
    check("who asked for it is in the audit trail", {"Resend export dead letter", "Drop export dead letter"} <= audits, audits)
    return {one["record"]} & dead


def crash(scene, dead):
    """SIGKILL while events are under way."""
    for _ in range(3):
        scene.activity.tokens_of_agent(15)
        scene.server.kill()
        scene.server.start()
    wanted = scene.activity.recorded() - dead
    missing = complete(scene.receivers(), wanted)
    check("three kills lose nothing", not missing, missing)
    again = {name: sum(count > 1 for count in ids(scene.collector, name).values()) for name in ("hook", "ocsf", "splunk")}
    print(f"     sent again after the kills: {again}", flush=True)


def lag(scene):
    """From the end of a request to its arrival."""
    scene.collector.got["hook"].clear()
    for _ in range(20):
        scene.activity.tokens_of_agent(1)
        time.sleep(0.1)
    until(lambda: len(scene.collector.got["hook"]) >= 40)
    from datetime import datetime
    late = [when - datetime.fromisoformat(event["time"]).timestamp() for when, event in scene.collector.got["hook"]]
    if check("records arrive one by one", len(late) >= 40, len(late)):
        late.sort()
        print(f"     from record to webhook: median {statistics.median(late):.2f} s, p99 {late[int(len(late) * .99)]:.2f} s", flush=True)


def stream(nats):
    """The stream that events go to."""
    async def add(jetstream):
        await jetstream.add_stream(name="SIGNET", subjects=["signet.>"])

    until(lambda: expect("nats-server has a stream", lambda: nats.run(add) or True), 10)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--burst", type=int, default=100, help="agent sign-ins while receivers are gone")
    burst = parser.parse_args().burst
    for program in ("/usr/sbin/rsyslogd", "/usr/sbin/nats-server"):
        if not pathlib.Path(program).exists():
            skip("exports to real receivers", f"{program} is not there (apt-get install rsyslog rsyslog-gnutls nats-server)")
            return done()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-exports-"))
    certificates.authority(folder)
    refusals_of_configuration(folder)
    with Collector(folder) as collector, Rsyslog(folder) as rsyslog, Nats(folder) as nats:
        time.sleep(1)
        stream(nats)
        with Server(folder / "server", config(folder, collector, rsyslog, nats)) as server:
            scene = Scene(server, collector, rsyslog, nats)
            everything_arrives(scene)
            forms(scene)
            failures(scene, burst)
            dead = by_command(scene, dead_letters(scene))
            crash(scene, dead)
            lag(scene)
            check("no receiver got what its kind would refuse, to the end", not collector.wrong, collector.wrong[:5])
            server.stop()
    done()


if __name__ == "__main__":
    main()
