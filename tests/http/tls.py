# tls: the server's own TLS, and its metrics under promtool. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import shutil
import socket
import ssl
import subprocess
import sys
import warnings

from stage import Client, Stage, Tap

warnings.simplefilter("ignore", DeprecationWarning)  # we ask for what is deprecated
tap = Tap()
stage = Stage(members=5)
OPENSSL, PROMTOOL = shutil.which("openssl"), shutil.which("promtool")


def make_certificate():
    subprocess.run([OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "1", "-subj", "/CN=foyer.example.com", "-addext",
                    "subjectAltName=DNS:foyer.example.com", "-keyout", stage.folder + "/tls.key",
                    "-out", stage.folder + "/tls.pem"], check=True, capture_output=True)


def connect(highest=None, protocols=("http/1.1",)):
    context = ssl.create_default_context(cafile=stage.folder + "/tls.pem")
    context.set_alpn_protocols(list(protocols))
    if highest:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = highest
    s = socket.create_connection(("127.0.0.1", stage.port), 10)
    return Client(context.wrap_socket(s, server_hostname="foyer.example.com"), stage.key)


def speaks():
    c = connect()
    for _ in range(3):
        a = c.ask("GET", "/v1/accounts/M0000001/membership")
        if a.status != 200 or "strict-transport-security" not in a.headers:
            return "%d %s" % (a.status, a.headers)
    return None


def large_bodies():
    c = connect()
    a = c.ask("POST", "/v1/keys", b"x" * 200000)
    b = c.ask("GET", "/openapi.json")
    return None if (a.status, b.status) == (400, 200) and len(b.body) > 50000 else str(a.status)


def old_versions():
    try:
        connect(ssl.TLSVersion.TLSv1_1)
    except (ssl.SSLError, ConnectionError, ValueError):
        return None
    return "TLS 1.1 is spoken"


def other_protocols():
    try:
        connect(protocols=("h2",))
    except (ssl.SSLError, ConnectionError):
        return None
    return "HTTP/2 is promised"


def plain():
    """Who speaks no TLS is sent away, and so is who leaves in the middle."""
    for data in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01", b""):
        s = socket.create_connection(("127.0.0.1", stage.port), 10)
        s.sendall(data)
        s.close()
    return speaks()


def stops():
    c = connect()
    c.ask("GET", "/healthz")
    status = stage.stop()
    return None if status == 0 else "exit status %d" % status


def metrics():
    stage.ask("GET", "/v1/accounts/M0000001/membership")
    stage.ask("GET", "/nowhere")
    a = stage.ask("GET", "/metrics")
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=a.body, capture_output=True)
    names = [line.split(b"{")[0].split()[0] for line in a.body.splitlines()
             if line and not line.startswith(b"#")]
    if done.returncode or done.stderr:
        return done.stderr.decode() + done.stdout.decode()
    return None if names and all(n.startswith(b"foyer_") for n in names) else "other names"


CASES = (("its own TLS answers", speaks), ("bodies of any size pass", large_bodies),
         ("TLS 1.1 is refused", old_versions), ("HTTP/2 is not promised", other_protocols),
         ("whoever speaks no TLS harms nobody", plain), ("it stops when told", stops))
try:
    if OPENSSL:
        make_certificate()
        stage.start("--certificate", stage.folder + "/tls.pem", "--key", stage.folder + "/tls.key")
    for name, test in CASES:
        tap.case(name, test) if OPENSSL else tap.skip(name, "openssl is not there")
    if PROMTOOL:
        stage.start()
        tap.case("promtool finds nothing wrong with the metrics", metrics)
    else:
        tap.skip("promtool finds nothing wrong with the metrics", "promtool is not there")
finally:
    stage.close()
sys.exit(tap.end())
