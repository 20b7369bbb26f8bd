"""An API that serves agents with the right app role. CHECK says how it looks at a token: `jwks` or `introspection`."""
import http.server
import json
import os
import pathlib
import ssl
import urllib.parse
import urllib.request

import jwt

TENANT_URL = f"{os.environ['SIGNET_URL']}/{os.environ['TENANT_ID']}"
AUDIENCES = [os.environ["RESOURCE"], os.environ["RESOURCE_APP_ID"]]  # the first in v1 tokens, the second in v2
ROLE = os.environ.get("REQUIRED_ROLE", "Orders.Read")
TLS = ssl.create_default_context(cafile=os.environ["SIGNET_CA"])
KEYS = jwt.PyJWKClient(f"{TENANT_URL}/discovery/v2.0/keys", ssl_context=TLS)


class Refused(Exception):
    """The token does not do."""


def by_keys(token):
    """Signature, issuer, audience and times, checked here; Signet is asked for its keys alone."""
    try:
        key = KEYS.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=["RS256", "ES256"], audience=AUDIENCES, issuer=f"{TENANT_URL}/v2.0",
                          options={"require": ["exp", "iss", "aud", "sub"]})
    except jwt.PyJWTError as error:
        raise Refused(str(error)) from error


def by_introspection(token):
    """Signet is asked about this token now (RFC 7662), by this API as itself."""
    form = urllib.parse.urlencode({"token": token, "client_id": os.environ["RESOURCE_APP_ID"], "client_secret":
                                   pathlib.Path(os.environ["RESOURCE_SECRET_FILE"]).read_text().strip()})
    with urllib.request.urlopen(f"{TENANT_URL}/oauth2/v2.0/introspect", form.encode(), timeout=10, context=TLS) as answer:
        claims = json.load(answer)
    if not claims["active"]:
        raise Refused("the token is not active")
    return claims


CHECK = {"jwks": by_keys, "introspection": by_introspection}[os.environ.get("CHECK", "introspection")]


class Orders(http.server.BaseHTTPRequestHandler):
    """GET /orders."""

    def do_GET(self):
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer" or not token:
                raise Refused("a bearer token is needed")
            claims = CHECK(token)
        except Refused as refusal:
            return self.answer(401, {"error": "invalid_token", "detail": str(refusal)})
        except OSError as error:  # no answer from Signet is no permission
            return self.answer(503, {"error": "temporarily_unavailable", "detail": str(error)})
        if ROLE not in claims.get("roles", []):
            return self.answer(403, {"error": "insufficient_scope", "detail": f"the app role {ROLE} is needed"})
        return self.answer(200, {"agent": claims.get("azp") or claims.get("client_id"), "orders": ["A-1", "A-2"]})

    def answer(self, status, body):
        data = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        if status == 401:
            self.send_header("www-authenticate", 'Bearer error="invalid_token"')
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Says nothing: a request line is no place to look for what happened; Signet's record is."""


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8090"))), Orders)
    print(f"serving http://127.0.0.1:{server.server_port}/orders, check by {CHECK.__name__}", flush=True)
    server.serve_forever()
