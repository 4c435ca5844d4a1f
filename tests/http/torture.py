# torture: clients that are slow, wrong, huge, or gone, against a real `foyer serve`: each is refused
# or served, nobody else suffers, and memory stays flat. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import os
import socket
import struct
import subprocess
import sys
import threading
import time

from stage import FOYER, SANITIZED, Stage, Tap

LIMITS = ("head_ms=700,body_ms=700,idle_ms=1500,write_ms=1500,body_bytes_max=65536,"
          "connections_per_address_max=400,requests_per_connection_max=50")
GET = b"GET /healthz HTTP/1.1\r\nHost: example.com\r\n"
POST = b"POST /v1/keys HTTP/1.1\r\nHost: example.com\r\n"

stage = Stage()
tap = Tap()


def want(got, wanted):
    return None if got == wanted else "%r, wanted %r" % (got, wanted)


def alive():
    a = stage.ask("GET", "/healthz")
    return want((a.status, a.body), (200, b"ok\n"))


def refused(data, status, closes=True):
    """Sends the bytes; the answer has this status, and the connection ends, or lives on."""
    c = stage.connect()
    try:
        c.send(data)
    except ConnectionError:
        pass
    a = c.answer()
    if a.status != status:
        return want(a.status, status)
    if closes != (a.headers["connection"] == "close"):
        return "Connection: " + a.headers["connection"]
    if closes and not c.closed():
        return "it stays open"
    c.close()
    return alive()


def slow_loris():
    lazy = [stage.connect() for _ in range(100)]
    began = time.monotonic()
    for i in range(8):
        for c in lazy:
            try:
                c.send(b"GET / HTTP/1.1\r\n" if i == 0 else b"X: 1\r\n")
            except ConnectionError:
                pass
        time.sleep(0.15)
        if alive():
            return "others wait"
    for c in lazy:
        c.socket.settimeout(5)
        try:
            if c.answer().status != 408:
                return "no 408"
        except ConnectionError:
            pass  # what it sent after its time came too late
        c.close()
    return None if time.monotonic() - began < 5 else "it took too long"


def slow_body():
    c = stage.connect()
    c.send(POST + b"Content-Length: 100\r\n\r\n")
    for _ in range(8):
        try:
            c.send(b"x")
        except ConnectionError:
            break
        time.sleep(0.15)
    return want(c.answer().status, 408)


def silent():
    c = stage.connect()
    return None if c.closed(5) else "it stays open"


def idle():
    c = stage.connect()
    c.send(GET + b"\r\n")
    c.answer()
    return None if c.closed(5) else "it stays open"


def never_reads():
    """A client that asks and asks, and never reads an answer."""
    c = stage.connect()
    c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    c.socket.settimeout(1)
    try:
        for _ in range(100000):
            c.send(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n")
    except (ConnectionError, socket.timeout):
        pass
    time.sleep(2)
    c.close()
    return alive()


def huge_body():
    """100 MB, said beforehand, and in chunks: neither is taken in."""
    before = stage.rss_kib()
    for head, part in ((b"Content-Length: 104857600\r\n\r\n", b"x" * 65536),
                       (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n")):
        c = stage.connect()
        c.send(POST + head)
        try:
            for _ in range(1600):
                c.send(part)
        except (ConnectionError, socket.timeout):
            pass
        try:
            if c.answer().status != 413:
                return "no 413"
        except ConnectionError:
            pass
        c.close()
    grown = stage.rss_kib() - before
    return "%d KiB more" % grown if grown > 20000 and not SANITIZED else alive()


def chunked():
    c = stage.connect()
    body = b'{"name":"chunks","scopes":"*","roles":"system"}'
    c.send(c.request("POST", "/v1/keys", Content_Type="application/json",
                     Transfer_Encoding="chunked"))
    for i in range(0, len(body), 7):
        c.send(b"%x;x=y\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]))
        time.sleep(0.01)
    c.send(b"0\r\nTrailer: 1\r\n\r\n")
    a = c.answer()
    if a.status != 200:
        return "%d %s" % (a.status, a.body)
    return want(c.ask("GET", "/healthz").status, 200)


def expects():
    c = stage.connect()
    body = b'{"name":"expects","scopes":"*","roles":"system"}'
    c.send(c.request("POST", "/v1/keys", Content_Type="application/json",
                     Content_Length=str(len(body)), Expect="100-continue"))
    if c.head()[0] != 100:
        return "no 100"
    c.send(body)
    return want(c.answer().status, 200)


def pipelined():
    c = stage.connect()
    c.send((GET + b"\r\n") * 20)
    for _ in range(20):
        if c.answer().status != 200:
            return "one was not answered"
    c.send(c.request("GET", "/v1/accounts/M0000001/membership") * 5)
    for _ in range(5):
        a = c.answer()
        if a.status != 200 or a.json()["external_id"] != "M0000001":
            return "%d %s" % (a.status, a.body)
    return None


def pipelined_garbage():
    c = stage.connect()
    c.send(GET + b"\r\n" + b"\x00\x01\x02 what is this\r\n\r\n" + GET + b"\r\n")
    if c.answer().status != 200:
        return "the first was not answered"
    if c.answer().status != 400:
        return "garbage was taken for a request"
    return None if c.closed() else "what follows garbage is read"


def requests_of_a_connection():
    c = stage.connect()
    for i in range(49):
        c.send(GET + b"\r\n")
        if c.answer().headers["connection"] != "keep-alive":
            return "closed after %d" % (i + 1)
    c.send(GET + b"\r\n")
    return want(c.answer().headers["connection"], "close")


def half_closed():
    c = stage.connect()
    c.send(c.request("GET", "/v1/accounts/M0000001/membership") * 2)
    c.socket.shutdown(socket.SHUT_WR)
    if c.answer().status != 200 or c.answer().status != 200:
        return "not answered"
    return None if c.closed() else "it stays open"


def half_closed_early():
    c = stage.connect()
    c.send(GET)
    c.socket.shutdown(socket.SHUT_WR)
    return None if c.closed() else "it stays open"


def leaves(rudely):
    """Clients that go while a worker has their job, and others that stay."""
    request = stage.connect().request("POST", "/v1/keys",
                                      {"name": "gone", "scopes": "*", "roles": "system"})
    for _ in range(60):
        c = stage.connect()
        c.send(request)
        if rudely:
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
    return alive()


def too_many():
    guests = []
    for _ in range(420):
        guests.append(stage.connect())
    gone = sum(1 for c in guests[-5:] if c.closed(1))
    for c in guests:
        c.close()
    time.sleep(0.3)
    return "%d of 5 were sent away" % gone if gone < 5 else alive()


def methods():
    a = stage.ask("HEAD", "/healthz")
    if (a.status, a.headers["content-length"]) != (200, "3"):
        return "HEAD: %d" % a.status
    a = stage.ask("HEAD", "/v1/accounts/M0000001/membership")
    if a.status != 200 or int(a.headers["content-length"]) < 500:
        return "HEAD of an op: %d" % a.status
    a = stage.ask("OPTIONS", "/v1/accounts/M0000001/membership")
    if a.status != 204 or "GET" not in a.headers["allow"]:
        return "OPTIONS: %d" % a.status
    a = stage.ask("OPTIONS", "*")
    if a.status != 204:
        return "OPTIONS *: %d" % a.status
    a = stage.ask("DELETE", "/v1/accounts/M0000001/membership")
    return want((a.status, "GET" in a.headers["allow"]), (405, True))


def safe_headers():
    a = stage.ask("GET", "/v1/accounts/nobody/membership")
    wanted = {"x-content-type-options": "nosniff", "cache-control": "no-store",
              "referrer-policy": "no-referrer"}
    for name, value in wanted.items():
        if a.headers.get(name) != value:
            return "%s: %s" % (name, a.headers.get(name))
    return None if "default-src 'none'" in a.headers["content-security-policy"] else "no CSP"


def deep_json():
    for body in (b"[" * 30000 + b"]" * 30000, b'{"a":' * 10000 + b"1" + b"}" * 10000, b"{" * 65000):
        a = stage.ask("POST", "/v1/keys", body)
        if a.status != 400:
            return "%d %s" % (a.status, a.body[:200])
    return alive()


def crowd():
    """All sorts at once, and one more who is served all the while."""
    tests = [lambda: refused(GET + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
             lambda: leaves(True), lambda: leaves(False), pipelined, half_closed, chunked]
    results = []

    def as_told(test):
        """Who is told to come again (503) does."""
        why = test()
        for _ in range(5):
            if not why or "503" not in str(why):
                break
            why = test()
        results.append(why)

    threads = [threading.Thread(target=as_told, args=(t,)) for t in tests * 3]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    wrong = [r for r in results if r]
    return wrong[0] if wrong else alive()


def memory():
    """The same things again and again cost nothing that stays."""
    def round_of_it():
        for _ in range(10):
            pipelined()
            leaves(True)
            leaves(False)
            refused(GET + b"X: " + b"x" * 20000 + b"\r\n\r\n", 431)
            deep_json()
    round_of_it()
    before = stage.rss_kib()
    round_of_it()
    grown = stage.rss_kib() - before
    return "%d KiB more" % grown if grown > 8000 and not SANITIZED else None


def log_is_clean():
    stage.ask("GET", "/v1/accounts/M0000001/membership?secret=walrus")
    time.sleep(0.3)
    with open(stage.log_path) as f:
        text = f.read()
    if "walrus" in text or stage.key in text or "M0000001" in text:
        return "the log tells what it must not"
    ids = [line["id"] for line in stage.lines() if line["event"] == "request"]
    return None if len(ids) == len(set(ids)) else "ids of requests come twice"


def port_is_taken():
    second = subprocess.run([FOYER, "--db", stage.url, "serve", "--listen",
                             "127.0.0.1:%d" % stage.port, "--log", stage.folder + "/second",
                             "--unconfined"],
                            capture_output=True, text=True, timeout=30)
    if second.returncode != 3 or "serve.listen" not in second.stderr:
        return "exit status %d: %s" % (second.returncode, second.stderr)
    return None


def addresses():
    """What is no address is a matter of usage, and is said before anything is done."""
    for address, status, says in (("foo", 2, "ADDRESS:PORT"), ("127.0.0.1", 2, "usage"),
                                  ("127.0.0.1:99999", 2, "usage"), ("", 2, "usage"),
                                  ("0.0.0.0:0", 1, "serve.open_address"),
                                  ("127.0.0.1:%d" % stage.port, 3, "Address already in use")):
        log = stage.folder + "/addresses"
        done = subprocess.run([FOYER, "--db", stage.url, "serve", "--listen", address, "--log", log,
                               *(["--unconfined"] if SANITIZED else [])],
                              capture_output=True, text=True, timeout=30)
        if done.returncode != status or says not in done.stderr:
            return "%s: exit status %d: %s" % (address, done.returncode, done.stderr)
        if status < 3 and os.path.exists(log):
            return "%s: something was done before" % address
    return None


def stops():
    return want(stage.stop(), 0)


try:
    stage.start("--limits", LIMITS)
    tap.case("it is alive", alive)
    tap.case("HEAD, OPTIONS and methods that are not there", methods)
    tap.case("answers keep browsers from misusing them", safe_headers)
    tap.case("a slow head is answered 408, and others do not wait", slow_loris)
    tap.case("a slow body is answered 408", slow_body)
    tap.case("who says nothing is sent away", silent)
    tap.case("who is done, too", idle)
    tap.case("who never reads is sent away", never_reads)
    tap.case("100 MB are answered 413 and not kept", huge_body)
    tap.case("10,000 headers are answered 431", refused,
             GET + b"X: 1\r\n" * 10000 + b"\r\n", 431)
    tap.case("200 small headers too", refused, GET + b"X: 1\r\n" * 200 + b"\r\n", 431)
    tap.case("one huge header too", refused, GET + b"X: " + b"x" * 40000 + b"\r\n\r\n", 431)
    tap.case("a long target is answered 414", refused,
             b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414)
    tap.case("invalid UTF-8 in the target is answered 400", refused,
             b"GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400)
    tap.case("raw bytes in the target too", refused, b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400)
    tap.case("a second Content-Length is answered 400", refused,
             POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400)
    tap.case("Content-Length beside Transfer-Encoding too", refused,
             POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)
    tap.case("a missing Host too", refused, b"GET / HTTP/1.1\r\n\r\n", 400)
    tap.case("HTTP/1.0 needs none", refused, b"GET /healthz HTTP/1.0\r\n\r\n", 200)
    tap.case("another host's absolute target is answered 400", refused,
             b"GET http://example.org/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 400)
    tap.case("bad chunks are answered 400", refused,
             POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400)
    tap.case("a TLS hello is answered 400", refused, b"\x16\x03\x01\x02\x00\x01" * 10, 400)
    tap.case("unknown methods are answered 501", refused, b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501)
    tap.case("HTTP/2 without TLS is answered 505", refused, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)
    tap.case("deep JSON is answered 400", deep_json)
    tap.case("chunked bodies are read", chunked)
    tap.case("Expect: 100-continue is answered", expects)
    tap.case("pipelined requests are answered in order", pipelined)
    tap.case("pipelined garbage ends the connection", pipelined_garbage)
    tap.case("a connection has so many requests", requests_of_a_connection)
    tap.case("half-closed sockets get their answers", half_closed)
    tap.case("half a request and the end is no request", half_closed_early)
    tap.case("clients that leave while their job runs", leaves, False)
    tap.case("clients that break off while their job runs", leaves, True)
    tap.case("an address has so many connections", too_many)
    tap.case("all at once", crowd)
    tap.case("memory stays flat", memory)
    tap.case("the log tells no secret, no query and no path", log_is_clean)
    tap.case("a port that another process listens on is refused", port_is_taken)
    tap.case("an address that is none is refused before anything is done", addresses)
    tap.case("it stops when told", stops)
finally:
    stage.close()
sys.exit(tap.end())
