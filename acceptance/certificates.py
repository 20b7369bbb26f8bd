"""Certificates for the harness, made with the `openssl` command."""
import base64
import subprocess

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def _openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def authority(folder):
    """A private CA `peer-ca.pem` and a certificate `peer.pem`, `peer.key` for localhost under it."""
    _openssl(folder, "req", "-x509", *EC, "-days", "2", "-subj", "/CN=Acceptance peer CA",
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
             "-keyout", "peer-ca.key", "-out", "peer-ca.pem")
    _openssl(folder, "req", *EC, "-subj", "/CN=localhost", "-keyout", "peer.key", "-out", "peer.csr")
    (folder / "peer.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
                                     "extendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n")
    _openssl(folder, "x509", "-req", "-in", "peer.csr", "-CA", "peer-ca.pem", "-CAkey", "peer-ca.key",
             "-CAcreateserial", "-days", "2", "-extfile", "peer.ext", "-out", "peer.pem")


def client(folder, name="client"):
    """A self-signed client certificate: `name.crt`, `name.key`, both in `name.pem`, and `name.pfx` without a password."""
    _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
             "-keyout", f"{name}.key", "-out", f"{name}.crt")
    key, certificate = (folder / f"{name}.key").read_text(), (folder / f"{name}.crt").read_text()
    (folder / f"{name}.pem").write_text(key + certificate)
    _openssl(folder, "pkcs12", "-export", "-inkey", f"{name}.key", "-in", f"{name}.crt", "-passout", "pass:",
             "-out", f"{name}.pfx")


def key_credential(folder, name="client"):
    """The certificate as a `keyCredential` of Graph."""
    der = subprocess.run(["openssl", "x509", "-in", f"{name}.crt", "-outform", "DER"], cwd=folder, check=True,
                         capture_output=True).stdout
    return {"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": name,
            "key": base64.b64encode(der).decode()}
