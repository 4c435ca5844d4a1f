# stage: what the tests that speak HTTP share - a database, a server that runs on it, sockets, and
# results as TAP. Python's own library alone. SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

FOYER = os.environ.get("FOYER", "./foyer")
ROOT = os.environ.get("SOURCE_ROOT", ".")
SERVER = os.environ.get("FOYER_TEST_DB", "")


def is_sanitized():
    """Under ASan: memory that is given back is kept for a while, and its look for leaks at the end
    needs what a confined process has given up."""
    try:
        with open(FOYER, "rb") as f:
            return b"__asan_init" in f.read()
    except OSError:
        return False


SANITIZED = is_sanitized()

with open(ROOT + "/docs/faults.md") as listed:
    FAULTS = set(re.findall(r"^\| `([a-z_.0-9]+)` \|", listed.read(), re.M))


class Stage:
    """An empty service in a folder of its own, and in a schema of its own on PostgreSQL."""

    def __init__(self, today="2023-02-01", members=20, server=SERVER, folder=None):
        if folder:
            os.mkdir(folder)
        self.folder = folder or tempfile.mkdtemp(prefix="foyer-http-")
        self.process = None
        self.schema = None
        self.server = server
        self.url = "sqlite:" + self.folder + "/t.db"
        if server:
            self.schema = "http%d_%d" % (os.getpid(), time.monotonic_ns() % 1000000)
            self.sql("CREATE SCHEMA " + self.schema)
            mark = "&" if "?" in server else "?"
            self.url = server + mark + "options=-csearch_path%3D" + self.schema
        self.foyer("migrate", *(["--test-clock", today] if today else []))
        self.foyer("catalog", "apply", ROOT + "/examples/catalog.yaml")
        if members:
            csv = self.foyer("example", "members", "--members", str(members))
            with open(self.folder + "/members.csv", "w") as f:
                f.write(csv)
            self.foyer("import", "members", self.folder + "/members.csv")
        made = self.foyer("call", "key.create", "name=test", "scopes=*, key.*",
                          "roles=system,owner,agent,visitor")
        self.key = json.loads(made)["secret"]

    def sql(self, text):
        subprocess.run(["psql", "-q", "-d", self.server, "-c", text], check=True,
                       stderr=subprocess.DEVNULL)

    def foyer(self, *words):
        done = subprocess.run([FOYER, "--db", self.url, *words], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("foyer %s: %s" % (" ".join(words), done.stderr + done.stdout))
        return done.stdout

    def start(self, *options, work=False):
        self.log_path = self.folder + "/log"
        open(self.log_path, "w").close()
        self.process = subprocess.Popen(
            [FOYER, "--db", self.url, "serve", "--listen", "127.0.0.1:0", "--log", self.log_path,
             *([] if work else ["--no-work"]), *(["--unconfined"] if SANITIZED else []), *options])
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            for line in self.lines():
                if line["event"] == "listening":
                    self.port = line["port"]
                    return self
            time.sleep(0.02)
        raise RuntimeError("the server does not start")

    def lines(self):
        with open(self.log_path) as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def stop(self, signal_number=signal.SIGTERM):
        if not self.process:
            return None
        self.process.send_signal(signal_number)
        status = self.process.wait(timeout=60)
        self.process = None
        return status

    def rss_kib(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        if self.schema:
            self.sql("DROP SCHEMA %s CASCADE; DROP SCHEMA IF EXISTS %s_sandbox CASCADE" %
                     (self.schema, self.schema))
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Client(s, self.key)

    def ask(self, method, path, body=None, **headers):
        c = self.connect()
        try:
            return c.ask(method, path, body, **headers)
        finally:
            c.close()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection, byte by byte."""

    def __init__(self, s, key):
        self.socket, self.key, self.rest = s, key, b""

    def send(self, data):
        self.socket.sendall(data)

    def request(self, method, path, body=None, **headers):
        head = "%s %s HTTP/1.1\r\nHost: example.com\r\nAuthorization: Bearer %s\r\n" % (
            method, path, self.key)
        data = b""
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            head += "Content-Type: application/json\r\nContent-Length: %d\r\n" % len(data)
        for name, value in headers.items():
            head += "%s: %s\r\n" % (name.replace("_", "-"), value)
        return head.encode() + b"\r\n" + data

    def ask(self, method, path, body=None, **headers):
        self.send(self.request(method, path, body, **headers))
        return self.answer(method == "HEAD")

    def more(self):
        part = self.socket.recv(65536)
        if not part:
            raise EOFError
        self.rest += part

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
        return int(lines[0].split()[1]), headers

    def answer(self, no_body=False):
        status, headers = self.head()
        while status == 100:
            status, headers = self.head()
        n = 0 if no_body or status in (204, 304) else int(headers.get("content-length", 0))
        while len(self.rest) < n:
            self.more()
        body, self.rest = self.rest[:n], self.rest[n:]
        if body and headers.get("content-type") == "application/problem+json":
            problem = json.loads(body)
            if problem["code"] not in FAULTS or not problem.get("detail"):
                raise ValueError("docs/faults.md does not list this: %s" % body)
        return Answer(status, headers, body)

    def closed(self, seconds=5):
        """Whether the server closes, within that time, and says nothing before."""
        self.socket.settimeout(seconds)
        try:
            return not self.rest and self.socket.recv(65536) == b""
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    def close(self):
        self.socket.close()


class Tap:
    def __init__(self):
        self.n, self.failed = 0, 0

    def case(self, name, test, *args):
        self.n += 1
        try:
            why = test(*args)
        except Exception as e:  # whatever goes wrong is a result
            why = "%s: %s" % (type(e).__name__, e)
        print("%s %d - %s" % ("not ok" if why else "ok", self.n, name))
        if why:
            self.failed += 1
            print("# " + str(why).replace("\n", "\n# "))
        sys.stdout.flush()

    def skip(self, name, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, name, why))

    def end(self):
        print("1..%d" % self.n)
        return 1 if self.failed else 0


def quote(text):
    return urllib.parse.quote(text, safe="")
