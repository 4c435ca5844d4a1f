# callbacks: the sandbox served elsewhere calls Foyer back. What it says in a call counts for nothing:
# a worker asks it at once what has happened. Between the two stands this test, which holds calls back,
# changes them and repeats them. Real clocks, real processes. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http"))
from stage import FOYER, Stage, Tap  # noqa: E402

KEY = b"a key of thirty-two bytes, or so"
PATH = "/v1/callbacks/payments"


class Between(BaseHTTPRequestHandler):
    """What the sandbox takes for Foyer."""
    calls, status = [], 500

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Between.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(Between.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def wait(what, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return False


def sign(name, at, body, key=KEY):
    mac = hmac.new(key, name.encode() + b"." + str(at).encode() + b"." + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


class Scene:
    def __init__(self):
        self.stage = Stage(today=None, members=0)
        self.secret = self.stage.folder + "/callback.key"
        with open(self.secret, "w") as f:
            f.write("whsec_" + base64.b64encode(KEY).decode() + "\n")
        self.between = HTTPServer(("127.0.0.1", 0), Between)
        threading.Thread(target=self.between.serve_forever, daemon=True).start()
        self.sandbox = subprocess.Popen(
            [FOYER, "--db", "sqlite:" + self.stage.folder + "/elsewhere.db", "--json", "sandbox",
             "--listen", "127.0.0.1:0", "--callback-secret", self.secret, "--callback-url",
             "http://127.0.0.1:%d/foyer" % self.between.server_port],
            stdout=subprocess.PIPE, text=True)
        said = ""
        while not said.rstrip().endswith("}"):
            said += self.sandbox.stdout.readline()
        for name, value in (("payment_gateway", "http://127.0.0.1:%d" % json.loads(said)["port"]),
                            ("payment_callback_secret_file", self.secret),
                            ("payment_pull_seconds", "3600")):
            self.stage.foyer("config", "set", name, value)
        self.stage.start(work=True)

    def close(self):
        self.sandbox.kill()
        self.sandbox.wait()
        self.between.shutdown()
        self.stage.close()

    def begin(self, member):
        a = self.stage.ask("POST", "/v1/memberships",
                           {"member": member, "email": member + "@example.com", "name": "Ann",
                            "country": "DE", "plan": "standard", "token": "tok_settles_in_1"},
                           Foyer_Actor="visitor", Idempotency_Key=member)
        return None if a.status == 200 else a.body

    def state(self, member):
        return self.stage.ask("GET", "/v1/accounts/%s/membership" % member).json()["state"]

    def call(self, name, at, signature, body, path=PATH):
        """As the sandbox would; without a key of the API."""
        c = self.stage.connect()
        try:
            head = ("POST %s HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n"
                    "Webhook-Id: %s\r\nWebhook-Timestamp: %s\r\nWebhook-Signature: %s\r\n\r\n" %
                    (path, len(body), name, at, signature))
            c.send(head.encode() + body)
            return c.answer()
        finally:
            c.close()

    def send(self, call):
        headers, body = call
        return self.call(headers["webhook-id"], headers["webhook-timestamp"],
                         headers["webhook-signature"], body)


def calls_until_taken(s):
    why = s.begin("ann")
    if why:
        return why
    if s.state("ann") != "pending":
        return "begins as " + s.state("ann")
    if not wait(lambda: len(Between.calls) >= 3):
        return "%d calls" % len(Between.calls)
    names = {h["webhook-id"] for h, _ in Between.calls}
    if len(names) != 1:
        return "not the same call again: %s" % names
    Between.status = 204
    for headers, body in Between.calls:
        right = sign(headers["webhook-id"], headers["webhook-timestamp"], body)
        if headers["webhook-signature"] != right:
            return "signed %s, not %s" % (headers["webhook-signature"], right)
        if json.loads(body)["data"]["id"] != headers["webhook-id"]:
            return body
    time.sleep(3)
    n = len(Between.calls)
    time.sleep(1.5)
    return None if len(Between.calls) == n else "it calls after it was heard"


def forgeries(s):
    (headers, body), now = Between.calls[-1], int(time.time())
    name = headers["webhook-id"]
    tries = {
        "another body": (name, now, headers["webhook-signature"], body + b" "),
        "another id": ("evt_x", headers["webhook-timestamp"], headers["webhook-signature"], body),
        "another key": (name, now, sign(name, now, body, b"another"), body),
        "no signature": (name, now, "", body),
        "too old": (name, now - 301, sign(name, now - 301, body), body),
        "too new": (name, now + 400, sign(name, now + 400, body), body),
        "no time": (name, "soon", sign(name, "soon", body), body),
    }
    told = set()
    for why, args in tries.items():
        a = s.call(*args)
        if a.status != 403:
            return "%s: %d" % (why, a.status)
        told.add((a.json()["code"], a.json()["detail"]))
    if len(told) != 1:
        return "it tells what is wrong: %s" % told
    if s.call("evt_1", now, sign("evt_1", now, b"x" * 20000), b"x" * 20000).status != 413:
        return "a large one is read"
    if s.call("evt_1", now, sign("evt_1", now, b"[]"), b"[]").status != 400:
        return "a genuine one that says nothing is no fault"
    time.sleep(1.5)
    return None if s.state("ann") == "pending" else "a forged call did something"


def is_asked_at_once(s):
    a = s.send(Between.calls[-1])
    if a.status != 204 or a.body:
        return "%d %s" % (a.status, a.body)
    return None if wait(lambda: s.state("ann") == "active", 10) else "ann is " + s.state("ann")


def charges(s, member):
    return s.stage.ask("GET", "/v1/accounts/%s/charges" % member).json()["charges"]


# Nobody asks because of a call that came before, so that a payment which is settled meanwhile stays
# unheard; a new call, about whatever, lets it be heard.
def twice_is_once(s):
    calls = len(Between.calls)
    why = s.begin("ben")
    if why:
        return why
    if not wait(lambda: len(Between.calls) > calls):
        return "no call about ben"
    old = Between.calls[calls - 1]
    for _ in range(5):
        if s.send(old).status != 204:
            return "a repeated call is answered in another way"
    time.sleep(1.5)
    if s.state("ben") != "pending":
        return "a repeated call did something"
    now, body = int(time.time()), b'{"type": "charge", "data": {"id": "evt_nobody"}}'
    if s.call("evt_nobody", now, sign("evt_nobody", now, body), body).status != 204:
        return "an unknown event is answered in another way"
    if not wait(lambda: s.state("ben") == "active", 10):
        return "ben is " + s.state("ben")
    if s.send(Between.calls[-1]).status != 204:
        return "one that comes late is refused"
    time.sleep(1)
    numbers = [len(charges(s, m)) for m in ("ann", "ben")]
    return None if numbers == [1, 1] else "charges: %s" % numbers


def sound(s):
    found = json.loads(s.stage.foyer("--json", "doctor"))
    return None if found["findings"] == 0 else str(found)


def main():
    tap, scene = Tap(), Scene()
    try:
        tap.case("the sandbox calls, signed, again and again until it is heard",
                 calls_until_taken, scene)
        tap.case("forged, old and unreadable calls change nothing and learn nothing", forgeries,
                 scene)
        tap.case("B-11 a call makes the worker ask the provider at once", is_asked_at_once, scene)
        tap.case("B-11 repeated and late calls change nothing; unknown ones are as good", twice_is_once,
                 scene)
        tap.case("B-17 the books are sound", sound, scene)
    finally:
        scene.close()
    return tap.end()


sys.exit(main())
