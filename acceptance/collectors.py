"""Receivers of exported records: collectors over HTTPS, rsyslog and nats-server as Debian has them."""
import base64
import collections
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time
import urllib.parse

from server import ROOT, free_port

SECRET = "whsec_" + base64.b64encode(b"a secret for the collector's tests").decode()
TOKEN = "11111111-2222-3333-4444-555555555555"
MEDIA = {"hook": "application/cloudevents-batch+json"}


def _documented():
    """The verifier that docs/operations/exports.md shows to operators."""
    names = {}
    exec((ROOT / "docs/operations/exports.md").read_text().split("```python\n")[1].split("```")[0], names)
    return names["is_from_signet"]


IS_FROM_SIGNET = _documented()


class Collector:
    """One HTTPS server that is a webhook, Splunk, Elasticsearch and Azure Monitor at once; what each got is kept by name."""

    def __init__(self, folder):
        self.port, self.folder = free_port(), pathlib.Path(folder)
        self.base = f"https://localhost:{self.port}"
        self.got = collections.defaultdict(list)  # name -> (arrival, event)
        self.wrong = []  # what no receiver of that kind would have taken
        self.down = set()  # names that answer 503
        self.refused = {}  # name -> text: an event that holds it is refused
        self._lock, self._acks = threading.Lock(), set()

    def __enter__(self):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = collector.answer(self.path, self.headers, body)
                answer = b"" if status == 204 else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "peer.pem", self.folder / "peer.key")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()

    def answer(self, path, headers, body):
        """Status and answer to one request."""
        url = urllib.parse.urlsplit(path)
        name = url.path.strip("/").split("/")[0] or "root"
        try:
            with self._lock:
                if name in self.down:
                    return 503, {"error": "down"}
                return getattr(self, "_" + name.replace("-", "_").lower(), self._hook)(name, url, headers, body)
        except Exception as error:  # noqa: BLE001 a receiver that breaks is told of, not hidden
            self.wrong.append(f"{path}: {type(error).__name__}: {error}")
            return 500, {"error": str(error)}

    def _keep(self, name, events):
        now = time.time()
        self.got[name].extend((now, event) for event in events)

    def _hook(self, name, _url, headers, body):
        """SPEC: Standard Webhooks 1.0."""
        if not IS_FROM_SIGNET(SECRET, headers, body) or IS_FROM_SIGNET(SECRET, headers, body + b" "):
            self.wrong.append(f"{name}: signature")
            return 401, {}
        if headers["content-type"] != MEDIA.get(name, "application/json"):
            self.wrong.append(f"{name}: {headers['content-type']}")
        bad = self.refused.get(name)
        if bad and bad.encode() in body:
            return 400, {"error": f"will not take {bad}"}
        self._keep(name, json.loads(body))
        return 202, {}

    def _services(self, _name, url, headers, body):
        """Splunk's HTTP Event Collector, with acknowledgements."""
        if headers["authorization"] != f"Splunk {TOKEN}" or not headers["x-splunk-request-channel"]:
            self.wrong.append("splunk: authorization")
            return 403, {"text": "Invalid token", "code": 4}
        if url.path.endswith("/ack"):
            return 200, {"acks": {str(ack): ack in self._acks for ack in json.loads(body)["acks"]}}
        text, decoder, at, events = body.decode(), json.JSONDecoder(), 0, []
        while at < len(text):
            event, at = decoder.raw_decode(text, at)
            events.append(event)
        ack = len(self._acks)
        self._acks.add(ack)
        self._keep("splunk", events)
        return 200, {"text": "Success", "code": 0, "ackId": ack}

    def _elastic(self, _name, url, headers, body):
        """Elasticsearch's bulk API; a document that is there already is a conflict."""
        if headers["authorization"] != f"ApiKey {TOKEN}" or not url.path.endswith("/_bulk"):
            return 401, {}
        lines, items, known = body.decode().splitlines(), [], {event["event"]["id"] for _, event in self.got["elastic"]}
        for action, document in zip(lines[::2], lines[1::2]):
            action, document = json.loads(action)["create"], json.loads(document)
            if action["_id"] in known:
                items.append({"create": {"status": 409, "error": {"reason": "exists"}}})
            else:
                self._keep("elastic", [document])
                items.append({"create": {"status": 201}})
        return 200, {"errors": any("error" in item["create"] for item in items), "items": items}

    def _token(self, _name, _url, _headers, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        wanted = {"grant_type": "client_credentials", "client_id": "client", "client_secret": TOKEN,
                  "scope": "https://monitor.azure.com//.default"}
        if form != wanted:
            self.wrong.append(f"token: {form}")
            return 400, {"error": "invalid_client"}
        return 200, {"access_token": "azure-token", "expires_in": 3600}

    def _datacollectionrules(self, _name, url, headers, body):
        """Azure Monitor's Logs Ingestion API."""
        parts = url.path.strip("/").split("/")
        known = parts[:3] == ["dataCollectionRules", "dcr-1", "streams"] and parts[3].startswith("Custom-") and parts[3].endswith("_CL")
        if headers["authorization"] != "Bearer azure-token" or not known or url.query != "api-version=2023-01-01":
            self.wrong.append(f"azure: {url}")
            return 404, {}
        if len(body) > 1 << 20:
            return 413, {}
        events = json.loads(body)
        table = parts[3].removeprefix("Custom-").removesuffix("_CL")
        if any(event["Type"] != table for event in events):
            self.wrong.append(f"azure: another table's rows in {table}")
        self._keep("azure", events)
        return 204, {}


class Mailbox:
    """A mail server that wants STARTTLS and a password, and keeps what it gets."""

    def __init__(self, folder):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult

        self.port, self.mails = free_port(), []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pathlib.Path(folder) / "peer.pem", pathlib.Path(folder) / "peer.key")

        def authenticate(_server, _session, _envelope, _mechanism, data):
            return AuthResult(success=(data.login, data.password) == (b"signet", TOKEN.encode()))

        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=True,
                                      auth_required=True, authenticator=authenticate)

    async def handle_DATA(self, _server, session, envelope):
        import email
        import email.policy
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((session.ssl is not None, envelope.rcpt_tos, mail))
        return "250 taken"

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_):
        self._controller.stop()


class Rsyslog:
    """Debian's rsyslog with TLS, that writes each message as JSON on a line."""

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.lines = self.folder / "syslog.jsonl"
        self.config = self.folder / "rsyslog.conf"
        self.config.write_text(f"""
global(workDirectory="{self.folder}" maxMessageSize="256k" parser.permitSlashInProgramName="on"
  defaultNetstreamDriverCAFile="{self.folder}/peer-ca.pem" defaultNetstreamDriverCertFile="{self.folder}/peer.pem"
  defaultNetstreamDriverKeyFile="{self.folder}/peer.key")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imtcp" port="{self.port}" address="127.0.0.1")
template(name="whole" type="list") {{ property(name="jsonmesg") constant(value="\\n") }}
*.* action(type="omfile" file="{self.lines}" template="whole")
""")

    def __enter__(self):
        self._process = subprocess.Popen(["/usr/sbin/rsyslogd", "-n", "-f", self.config, "-i", self.folder / "rsyslog.pid"],
                                         stdout=(self.folder / "rsyslog.log").open("w"), stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)

    def messages(self):
        """Each message as rsyslog understood it."""
        text = self.lines.read_text() if self.lines.exists() else ""
        messages = (json.loads(line) for line in text.splitlines())
        return [message for message in messages if message["app-name"] == "signet"]


class Nats:
    """Debian's nats-server with JetStream, TLS and a password, and one stream."""

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        (self.folder / "nats.conf").write_text(f"""
listen: "127.0.0.1:{self.port}"
tls {{ cert_file: "{self.folder}/peer.pem", key_file: "{self.folder}/peer.key" }}
authorization {{ user: signet, password: "{TOKEN}" }}
jetstream {{ store_dir: "{self.folder}/jetstream" }}
""")

    def __enter__(self):
        self.start()
        return self

    def start(self):
        self._process = subprocess.Popen(["/usr/sbin/nats-server", "-c", self.folder / "nats.conf"],
                                         stdout=(self.folder / "nats.log").open("a"), stderr=subprocess.STDOUT)

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.terminate()
        self._process.wait(10)

    def run(self, work):
        """What `await work(jetstream)` gives, through the usual client."""
        import asyncio
        import logging

        import nats

        logging.getLogger("asyncio").setLevel(logging.ERROR)

        async def connected():
            context = ssl.create_default_context(cafile=self.folder / "peer-ca.pem")
            client = await nats.connect(f"tls://localhost:{self.port}", tls=context, user="signet", password=TOKEN)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(connected())

    def messages(self, stream):
        """Every message that the stream holds."""
        async def read(jetstream):
            count = (await jetstream.stream_info(stream)).state.messages
            return [await jetstream.get_msg(stream, seq) for seq in range(1, count + 1)]

        return [(message.subject, json.loads(message.data)) for message in self.run(read)]
