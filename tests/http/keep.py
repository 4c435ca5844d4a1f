# keep: what the server has acknowledged is kept, whatever happens to it: kill -9 under load, told to
# stop under load, a database that goes away and comes back. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from stage import SERVER, Stage, Tap

tap = Tap()


class Load:
    """Clients that write and write, and remember what was acknowledged."""

    def __init__(self, stage, clients=12):
        self.stage, self.done, self.stopping = stage, [], False
        self.unanswered = 0  # sent whole to a server that was there, and not answered
        self.wrong = []
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(clients)]
        for t in self.threads:
            t.start()

    def run(self, number):
        made, c = 0, None
        while not self.stopping:
            made += 1
            name = "load %d %d" % (number, made)
            sent = False
            try:
                c = c or self.stage.connect()
                c.send(c.request("POST", "/v1/keys", {"name": name, "scopes": "*",
                                                      "roles": "system"}))
                sent = True
                a = c.answer()
            except (OSError, EOFError):
                # A connection that was refused took nothing.
                self.unanswered += sent
                if not sent or c is None:
                    return
                return
            if a.status == 200:
                self.done.append(a.json()["key"])
            elif a.status != 503:
                self.wrong.append((a.status, a.body))
            if a.headers["connection"] == "close":
                c.close()
                c = None

    def end(self):
        self.stopping = True
        for t in self.threads:
            t.join()


def kept(stage, load):
    """Every key that was acknowledged is there."""
    there, before = set(), None
    while True:
        words = ["call", "key.list", "limit=200"] + (["before=" + before] if before else [])
        page = json.loads(stage.foyer(*words))
        there.update(k["key"] for k in page["keys"])
        before = page.get("next")
        if not before:
            break
    lost = [k for k in load.done if k not in there]
    if load.wrong:
        return "answered %r" % (load.wrong[0],)
    if len(load.done) < 20:
        return "only %d were written" % len(load.done)
    print("# %d acknowledged, %d kept" % (len(load.done), len(there)))
    return "%d of %d are lost" % (len(lost), len(load.done)) if lost else None


def comes(what, seconds=15):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return False


def killed():
    stage = Stage(members=5)
    try:
        all_done = []
        for _ in range(3):
            stage.start()
            load = Load(stage)
            time.sleep(0.7)
            comes(lambda: len(load.done) > 10)
            stage.stop(signal.SIGKILL)
            load.end()
            all_done += load.done
        load.done = all_done
        return kept(stage, load)
    finally:
        stage.close()


def stopped():
    """Clients on connections that stay open: each request that was sent is answered."""
    stage = Stage(members=5)
    try:
        stage.start()
        load = Load(stage)
        time.sleep(0.7)
        comes(lambda: len(load.done) > 30)
        status = stage.stop()
        load.end()
        if status != 0:
            return "exit status %d" % status
        if load.unanswered:
            return "%d requests got no answer" % load.unanswered
        return kept(stage, load)
    finally:
        stage.close()


def same_key():
    """Many at once send one call under one key: there is one effect and one answer, or the word
    that it is still being worked on."""
    stage = Stage(members=5)
    try:
        stage.start()
        told_to_wait = 0
        for n in range(25):
            body = {"member": "same%d" % n, "name": "Same", "email": "same%d@example.com" % n,
                    "country": "DE", "plan": "standard", "token": "tok_visa"}
            answers, start = [], threading.Barrier(8)

            def send():
                c = stage.connect()
                start.wait()
                for _ in range(200):
                    a = c.ask("POST", "/v1/memberships", body, Idempotency_Key="key-%d" % n,
                              Foyer_Actor="visitor")
                    answers.append(a)
                    if a.status == 200:
                        break
                    time.sleep(0.01)
                c.close()

            threads = [threading.Thread(target=send) for _ in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            good = [a.body for a in answers if a.status == 200]
            for a in answers:
                if a.status not in (200, 503) and b"op.key_running" not in a.body:
                    return "%d %s" % (a.status, a.body)
                if a.status != 200 and "retry-after" not in a.headers:
                    return "%d without Retry-After" % a.status
                told_to_wait += a.status == 409
            if len(good) != 8:
                return "%d of 8 were answered" % len(good)
            if len(set(good)) != 1:
                return "two answers: %s and %s" % tuple(sorted(set(good))[:2])
        print("# told to wait: %d" % told_to_wait)
        return None
    finally:
        stage.close()


# ---- a PostgreSQL that is stopped and started ----

BIN = "/usr/lib/postgresql/15/bin/"


class Postgres:
    def __init__(self):
        self.root = os.geteuid() == 0
        self.folder = self.run("mktemp", "-d", "/tmp/foyer-keep-XXXXXX").strip()
        self.run(BIN + "initdb", "-D", self.folder + "/data", "-U", "postgres", "-A", "trust",
                 "--no-sync")
        self.run("chmod", "755", self.folder)
        self.start()
        self.url = "postgresql:///postgres?host=%s&user=postgres" % self.folder

    def run(self, *words):
        if self.root:
            words = ("runuser", "-u", "postgres", "--") + words
        return subprocess.run(words, check=True, capture_output=True, text=True, cwd="/").stdout

    def control(self, *words):
        # A server that goes on would hold a pipe open.
        words = (BIN + "pg_ctl", "-D", self.folder + "/data", "-l", self.folder + "/log", "-w") + words
        if self.root:
            words = ("runuser", "-u", "postgres", "--") + words
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd="/")

    def start(self):
        self.control("-o", "-c listen_addresses='' -c unix_socket_directories=%s" % self.folder,
                     "start")

    def stop(self):
        self.control("-m", "fast", "stop")

    def close(self):
        try:
            self.control("-m", "immediate", "stop")
        except subprocess.CalledProcessError:
            pass
        self.run("rm", "-rf", self.folder)


def database_goes(postgres):
    stage = Stage(members=5, server=postgres.url)
    path = "/v1/accounts/M0000001/membership"
    try:
        stage.start()
        if stage.ask("GET", path).status != 200:
            return "it does not answer at first"
        postgres.stop()
        for way in (("GET", path, None), ("GET", "/readyz", None),
                    ("POST", "/v1/keys", {"name": "x", "scopes": "*", "roles": "system"})):
            for _ in range(6):
                a = stage.ask(*way)
                if a.status != 503 or "retry-after" not in a.headers or b"db.gone" not in a.body:
                    return "%s %s: %d %s" % (way[0], way[1], a.status, a.body)
        if stage.ask("GET", "/healthz").status != 200:
            return "the server itself is ill"
        postgres.start()
        until, good = time.monotonic() + 10, 0
        while good < 20 and time.monotonic() < until:
            good = good + 1 if stage.ask("GET", path).status == 200 else 0
            time.sleep(0.05)
        if good < 20:
            return "it does not recover"
        return None if stage.ask("GET", "/readyz").status == 200 else "not ready"
    finally:
        postgres_lives(postgres)
        stage.close()


def database_restarts(postgres):
    """Connections that a restart has broken are made anew before anybody notices."""
    stage = Stage(members=5, server=postgres.url)
    path = "/v1/accounts/M0000001/membership"
    try:
        stage.start()
        for round in range(3):
            clients = [stage.connect() for _ in range(12)]
            for c in clients:  # so that every worker has a connection that was used
                c.send(c.request("GET", path) * 4)
            for c in clients * 4:
                if c.answer().status != 200:
                    return "it does not answer at first"
            postgres.stop()
            postgres.start()
            for i in range(40):
                way = [("GET", path, None), ("GET", "/readyz", None),
                       ("POST", "/v1/keys", {"name": "x", "scopes": "*", "roles": "system"})][i % 3]
                a = stage.ask(*way)
                if a.status != 200:
                    return "round %d, %s %s: %d %s" % (round, way[0], way[1], a.status, a.body)
        return None
    finally:
        postgres_lives(postgres)
        stage.close()


def database_dies(postgres, today="2023-02-01"):
    """Killed while requests run: they are refused for a while, and told when to come again."""
    stage = Stage(today, members=5, server=postgres.url)
    path, wrong, stopping = "/v1/accounts/M0000001/membership", [], []

    def ask(number):
        ways = [("GET", path, None), ("GET", "/readyz", None),
                ("POST", "/v1/keys", {"name": "x", "scopes": "*", "roles": "system"})]
        while not stopping:
            a = stage.ask(*ways[number % 3])
            number += 1
            if a.status == 504 and b"db.outcome_unknown" in a.body:
                continue  # the reply to a COMMIT was lost
            if a.status != 200 and (a.status != 503 or "retry-after" not in a.headers or
                                    b"not_migrated" in a.body):
                wrong.append("%s: %d %s" % (ways[(number - 1) % 3][1], a.status, a.body))

    try:
        stage.start()
        threads = [threading.Thread(target=ask, args=(i,)) for i in range(12)]
        for t in threads:
            t.start()
        for _ in range(4):
            time.sleep(0.4)
            postgres.control("-m", "immediate", "stop")
            time.sleep(0.2)
            postgres.start()
        stopping.append(True)
        for t in threads:
            t.join()
        return wrong[0] if wrong else None
    finally:
        stopping.append(True)
        postgres_lives(postgres)
        stage.close()


class Listener(http.server.BaseHTTPRequestHandler):
    """A receiver of webhooks that counts."""
    heard = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
        Listener.heard += 1

    def log_message(self, *words):
        pass


def couriers_go_on(postgres):
    """What goes on beside requests finds the database again, however it went away."""
    stage = Stage(members=5, server=postgres.url)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        stage.foyer("config", "set", "webhook_local_targets", "1")
        made = json.loads(stage.foyer("call", "webhook.create",
                                      "url=http://127.0.0.1:%d/" % server.server_port))
        stage.start(work=True)
        for way in ("", "fast", "immediate"):
            if way:
                postgres.control("-m", way, "stop")
                time.sleep(0.5)
                postgres.start()
            before = Listener.heard
            stage.foyer("call", "webhook.test", "endpoint=" + made["endpoint"])
            if not comes(lambda: Listener.heard > before, 15):
                return "nothing is sent after a stop: " + way
        return None
    finally:
        postgres_lives(postgres)
        stage.close()
        server.shutdown()


# ---- a disk without room ----

class Disk:
    """A small disk of its own, on which nothing is left."""

    def __init__(self, mebibytes):
        self.folder = tempfile.mkdtemp(prefix="foyer-disk-")
        self.filling, self.thread = False, None
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm,mode=777" % mebibytes, "none",
                               self.folder], capture_output=True)
        self.mounted = done.returncode == 0

    def fill(self):
        """From now on whatever becomes free is taken."""
        self.filling = True
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        with open(self.folder + "/filling", "ab", buffering=0) as f:
            while self.filling:
                try:
                    f.write(b"x" * 4096)
                except OSError:
                    time.sleep(0.005)

    def free(self):
        self.filling = False
        if self.thread:
            self.thread.join()
            os.remove(self.folder + "/filling")
        self.thread = None

    def close(self):
        self.free()
        if self.mounted:
            subprocess.run(["umount", self.folder], check=True)
        os.rmdir(self.folder)


def fills(stage, disk):
    """Writes are refused while there is no room, reads are answered, and it heals by itself."""
    write = ("POST", "/v1/keys", {"name": "x", "scopes": "*", "roles": "system"})
    path, wrong = "/v1/accounts/M0000001/membership", []

    def refused():
        a = stage.ask(*write)
        if a.status != 200 and (a.status != 503 or "retry-after" not in a.headers):
            wrong.append("%d %s" % (a.status, a.body))
        if a.status == 200 or b"db.race" in a.body:  # many at once may lose one
            return False
        if b"db.full" not in a.body:
            wrong.append("%d %s" % (a.status, a.body))
        return True

    def ready():
        a = stage.ask("GET", "/readyz")
        return a.status == 200 if a.status != 503 else b"db.full" not in a.body

    for _ in range(3):
        if stage.ask(*write).status != 200 or not ready():
            return "it does not answer at first"
        disk.fill()
        if not comes(refused):
            return "the disk is not full"
        if not comes(lambda: not ready(), 2):
            return "/readyz does not say so"
        if stage.ask("GET", path).status != 200:
            return "it does not read"
        crowd = [threading.Thread(target=refused) for _ in range(8)]  # some share a commit
        for t in crowd:
            t.start()
        for t in crowd:
            t.join()
        if b"foyer_database_full 1" not in stage.ask("GET", "/metrics").body:
            return "the metrics do not say so"
        disk.free()
        if not comes(ready, 5):
            return "it does not heal"
        if stage.ask(*write).status != 200:
            return "it is ready and does not write"
    return wrong[0] if wrong else None


def log_is_whole(stage):
    with open(stage.log_path) as f:
        for line in f:
            try:
                json.loads(line)
            except ValueError:
                return "a line of the log is torn: %r" % line
    return None


def disk_is_full(disk):
    stage = Stage(members=5, server="", folder=disk.folder + "/foyer")
    try:
        stage.start(work=True)
        return fills(stage, disk) or log_is_whole(stage)
    finally:
        disk.free()
        stage.close()


def tables_have_no_room(postgres, disk):
    """PostgreSQL's tables lie on a disk that fills; its log does not, or it would stop."""
    place = disk.folder + "/tables"
    os.mkdir(place)
    shutil.chown(place, "postgres", "postgres")
    for sql in ("CREATE TABLESPACE small LOCATION '%s'" % place,
                "ALTER ROLE postgres SET default_tablespace = small"):
        subprocess.run(["psql", "-q", "-d", postgres.url, "-c", sql], check=True)
    stage = Stage(members=5, server=postgres.url)
    try:
        stage.start()
        return fills(stage, disk)
    finally:
        disk.free()
        stage.close()
        for sql in ("ALTER ROLE postgres RESET default_tablespace", "DROP TABLESPACE small"):
            subprocess.run(["psql", "-q", "-d", postgres.url, "-c", sql], check=True)


def log_stays_short():
    """SQLite's log is written back and given away when nobody writes."""
    stage = Stage(members=5, server="")
    log = stage.folder + "/t.db-wal"
    try:
        stage.start()
        load = Load(stage)
        grew = comes(lambda: os.path.getsize(log) > 1 << 20, 30)
        load.end()
        if not grew:
            return "it does not grow: %d" % os.path.getsize(log)
        return None if comes(lambda: os.path.getsize(log) == 0, 10) else "it stays"
    finally:
        stage.close()


def postgres_lives(postgres):
    try:
        postgres.start()
    except subprocess.CalledProcessError:
        pass


tap.case("kill -9 under load loses nothing that was acknowledged", killed)
tap.case("told to stop under load, it answers everything and loses nothing", stopped)
tap.case("one call sent many times at once under its key is answered alike", same_key)
disk = Disk(24)
if not SERVER:
    tap.case("SQLite's log is given back when nobody writes", log_stays_short)
    full = "a full disk is answered 503, the log stays whole, and it heals by itself"
    if disk.mounted:
        tap.case(full, disk_is_full, disk)
    else:
        tap.skip(full, "no file system can be mounted here")
else:  # an SQLite file does not go away
    server = Postgres()
    try:
        tap.case("without its database it answers 503, and recovers", database_goes, server)
        tap.case("the first request after the database was restarted is answered",
                 database_restarts, server)
        tap.case("a database that is killed costs no more than 503 and coming again",
                 database_dies, server)
        tap.case("a database that is killed costs no more on the machine's clock, either",
                 database_dies, server, None)
        tap.case("what goes on beside requests finds its database again", couriers_go_on, server)
        full = "a full disk under its tables is answered 503, and it heals by itself"
        if disk.mounted:
            tap.case(full, tables_have_no_room, server, disk)
        else:
            tap.skip(full, "no file system can be mounted here")
    finally:
        server.close()
disk.close()
sys.exit(tap.end())
