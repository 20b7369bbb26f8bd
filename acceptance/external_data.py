#!/usr/bin/env python3
"""`externaldata` over HTTPS: what the operator lists is a table of a query, and nothing else is asked for."""
import contextlib
import http.server
import json
import pathlib
import ssl
import tempfile
import threading

import certificates
from checks import check, done
from directory import Directory
from https_client import Client
from server import Server, free_port

DOCUMENTS = {
    "/lists/apps.csv": "Name,Owner\nthe first,\"a, b\"\nthe second,c\n",
    "/lists/apps.json": '[{"Name": "the first", "Size": 7},\n {"Name": "the second", "More": {"x": [1]}}]',
    "/lists/broken.json": '{"Name": "the first"}\n{',
    "/lists/long.txt": "x" * (5 << 20),
    "/secret/apps.csv": "secret\n",
}


class Lists:
    """An HTTPS server with lists; notes what it was asked for."""

    def __init__(self, folder):
        self.port, self.folder, self.asked = free_port(), folder, []

    def __enter__(self):
        lists = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                lists.asked.append(self.path)
                moved = path == "/lists/moved.csv"
                self.send_response(302 if moved else 200 if path in DOCUMENTS else 404)
                if moved:
                    self.send_header("location", "/secret/apps.csv")
                body = DOCUMENTS.get(path, "").encode()
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # what is too long is not read to its end
                    self.wfile.write(body)

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


class Asker:
    """The administrator of a tenant asks."""

    def __init__(self, server):
        self.directory = Directory(server.base, server.ca, server.create_tenant("Contoso"))
        self.client = Client(server.base, server.ca)
        self.path = f"/v1/workspaces/{self.directory.tenant}/query"

    def answer(self, query):
        return self.client.json("POST", self.path, {"query": query}, self.directory.bearer())

    def rows(self, query):
        answer = self.answer(query)
        if answer.status != 200:
            raise RuntimeError(f"{query}: {answer}")
        return answer.json()["tables"][0]["rows"]

    def refused(self, name, query, status, *words):
        answer = self.answer(query)
        check(name, answer.status == status and all(word in json.dumps(answer.json()) for word in words), answer)


def read(asker, lists, base):
    """What is listed."""
    csv = f"externaldata(Name:string, Owner:string)[@'{base}/lists/apps.csv?sig=1'] with(format='csv', ignoreFirstRecord=true)"
    found = asker.rows(csv)
    check("a list of the operator is a table", found == [["the first", "a, b"], ["the second", "c"]], found)
    check("it is asked for once, as it is written", lists.asked == ["/lists/apps.csv?sig=1"], lists.asked)
    found = asker.rows(f"externaldata(Name:string, Size:long, More:dynamic)['{base}/lists/apps.json'] with(format='multijson')")
    check("objects are read by name", found == [["the first", 7, None], ["the second", None, '{"x":[1]}']], found)
    for name in ["the first", "the third"]:
        asker.directory.call("POST", "/applications", {"displayName": name})
    made = "AuditLogs | where OperationName == 'Add application' | extend Name = tostring(TargetResources[0].displayName)"
    found = asker.rows(f"let apps = {csv}; {made} | where Name in (apps | project Name) | project Name")
    check("the record is compared with it", found == [["the first"]], found)
    found = asker.rows(f"let apps = {csv}; {made} | join kind=leftouter apps on Name | project Name, Owner | sort by Name asc")
    check("and joined", [row for row in found if row[0].startswith("the ")] == [["the first", "a, b"], ["the third", ""]], found)


def refused(asker, lists, base):
    """What is not."""
    lists.asked.clear()
    for address in [f"{base}/secret/apps.csv", f"{base}/lists/../secret/apps.csv", f"{base}/lists/%2e%2e/secret/apps.csv",
                    "https://localhost/lists/apps.csv", base.replace("https", "http") + "/lists/apps.csv", "file:///etc/passwd"]:
        asker.refused(f"{address.replace(base, '')} is not on the list", f"externaldata(a:string)['{address}']", 400,
                      "queries.external_data")
    asker.refused("nor is one of two", f"externaldata(a:string)['{base}/lists/apps.csv', '{base}/secret/apps.csv']", 400,
                  "queries.external_data")
    other = base.replace("localhost", "127.0.0.1")
    asker.refused("a private address takes leave of its own", f"externaldata(a:string)['{other}/lists/apps.csv']", 503,
                  "special address")
    check("none of them is asked for", lists.asked == [], lists.asked)
    for name, words in {"moved.csv": ["redirects"], "missing.csv": ["404"], "long.txt": ["larger"], "broken.json": ["line 2"]}.items():
        asker.refused(f"{name} is told of by its name", f"externaldata(a:string)['{base}/lists/{name}']", 503, "externaldata", *words)
    check("a redirect is not followed", not any("secret" in path for path in lists.asked), lists.asked)
    asker.refused("a format that is not read is said", f"externaldata(a:string)['{base}/lists/apps.csv'] with(format='parquet')", 400,
                  "parquet", "multijson")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="signet-external-"))
    certificates.authority(folder)
    with Lists(folder) as lists:
        base = f"https://localhost:{lists.port}"
        config = f"""
[fetch]
allow = ["localhost:{lists.port}"]
extra_ca = ["{folder}/peer-ca.pem"]

[queries]
external_data = ["{base}/lists/", "{base.replace('localhost', '127.0.0.1')}/lists/"]
"""
        with Server(folder / "server", config) as server:
            asker = Asker(server)
            read(asker, lists, base)
            refused(asker, lists, base)
            server.stop()
    done()


if __name__ == "__main__":
    main()
