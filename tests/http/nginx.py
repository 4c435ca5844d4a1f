# nginx: Debian's nginx runs with examples/nginx.conf in front of a real server, with a certificate of
# its own making, and curl speaks HTTP/2 through it. Prints TAP. SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

from stage import ROOT, Stage, Tap

NAMES = ["nginx is in front with TLS and HTTP/2",
         "the client's address is nginx's word, never the client's",
         "requests bear nginx's ids",
         "large bodies end at nginx",
         "events go out as they happen",
         "metrics are not for the world"]

tap = Tap()
tools = [shutil.which(t, path=os.environ["PATH"] + ":/usr/sbin") for t in ("nginx", "curl", "openssl")]
if not all(tools):
    for name in NAMES:
        tap.skip(name, "nginx, curl or openssl is not there")
    sys.exit(tap.end())
NGINX, CURL, OPENSSL = tools
stage = Stage()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def configuration(port):
    """The example, with this test's ports and files in their places and nothing else changed."""
    with open(ROOT + "/examples/nginx.conf") as f:
        text = f.read()
    for was, now in (("127.0.0.1:8080", "127.0.0.1:%d" % stage.port),
                     ("listen 443 ssl", "listen 127.0.0.1:%d ssl" % port),
                     ("/etc/ssl/foyer/", stage.folder + "/")):
        if was not in text:
            raise RuntimeError("the example lacks " + was)
        text = text.replace(was, now)
    text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    temporary = "".join("%s_temp_path %s/%s;\n" % (name, stage.folder, name) for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return ("pid %s/nginx.pid;\nerror_log %s/nginx.log;\nevents {}\nhttp {\naccess_log off;\n%s%s}\n"
            % (stage.folder, stage.folder, temporary, text))


def start_nginx():
    port = free_port()
    subprocess.run([OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "1", "-subj", "/CN=foyer.example.com", "-addext",
                    "subjectAltName=DNS:foyer.example.com", "-keyout", stage.folder + "/key.pem",
                    "-out", stage.folder + "/chain.pem"], check=True, capture_output=True)
    with open(stage.folder + "/nginx.conf", "w") as f:
        f.write(configuration(port))
    os.chmod(stage.folder, 0o755)
    process = subprocess.Popen([NGINX, "-p", stage.folder, "-c", stage.folder + "/nginx.conf",
                                "-e", stage.folder + "/nginx.log", "-g", "daemon off;"])
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("nginx does not start")


def curl_words(*words):
    return [CURL, "-sS", "--http2", "--cacert", stage.folder + "/chain.pem", "--resolve",
            "foyer.example.com:%d:127.0.0.1" % port, *words]


def curl(path, *words):
    done = subprocess.run(curl_words(
        "-o", stage.folder + "/body", "-D", stage.folder + "/head", "-w", "%{http_version} %{http_code}",
        "-H", "Authorization: Bearer " + stage.key, *words,
        "https://foyer.example.com:%d%s" % (port, path)), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def speaks():
    got = curl("/v1/accounts/M0000001/membership")
    with open(stage.folder + "/head") as f:
        head = f.read().lower()
    if got != "2 200" or "strict-transport-security" not in head:
        return got + head
    with open(stage.folder + "/body") as f:
        return None if json.load(f)["external_id"] == "M0000001" else "another member"


def forged():
    """/metrics tells this machine alone: who claims to be it through the proxy is not believed."""
    a = stage.ask("GET", "/metrics")
    b = stage.ask("GET", "/metrics", X_Forwarded_For="127.0.0.1")
    c = stage.ask("GET", "/metrics", X_Forwarded_For="127.0.0.1, 192.0.2.1")
    got = (a.status, b.status, c.status)
    return None if got == (200, 404, 404) else str(got)


def ids():
    curl("/healthz", "-H", "X-Request-Id: 00000000000000000000000000000000")
    with open(stage.folder + "/head") as f:
        got = re.search(r"(?i)x-request-id: (\S+)", f.read()).group(1)
    return None if re.fullmatch("[0-9a-f]{32}", got) and got != "0" * 32 else got


def large():
    with open(stage.folder + "/large", "wb") as f:
        f.write(b"x" * 300000)
    got = curl("/v1/keys", "--data-binary", "@" + stage.folder + "/large")
    return None if got == "2 413" else got


def events():
    listener = subprocess.Popen(curl_words("-N", "-H", "Authorization: Bearer " + stage.key,
                                           "https://foyer.example.com:%d/v1/events" % port),
                                stdout=subprocess.PIPE, text=True)
    try:
        if not listener.stdout.readline().startswith("retry:"):
            return "nothing comes"
        began = time.monotonic()
        stage.ask("POST", "/v1/accounts/M0000001/membership/cancel", {},
                  Foyer_Actor="owner:M0000001", Foyer_Proof="fresh")
        for line in listener.stdout:
            if line.startswith("event: "):
                took = time.monotonic() - began
                return None if took < 5 else "after %d s" % took
        return "the stream ends"
    finally:
        listener.kill()
        listener.wait()


def metrics():
    got = curl("/metrics")
    return None if got == "2 404" else got


nginx = None
try:
    stage.start("--trusted-proxy", "127.0.0.1")
    nginx, port = start_nginx()
    for name, test in zip(NAMES, (speaks, forged, ids, large, events, metrics)):
        tap.case(name, test)
finally:
    if nginx:
        nginx.terminate()
        nginx.wait()
    stage.close()
sys.exit(tap.end())
