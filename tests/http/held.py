# held: somebody else keeps SQLite's file from being written to, for longer than anybody should wait.
# Reads go on, what has to be written down first is refused, and it heals by itself. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import json
import sqlite3
import sys
import threading
import time

from stage import SERVER, Stage, Tap

PATH = "/v1/accounts/M0000001/membership"
READ = ("GET", "/v1/plans?country=DE", None, {})
OWN = ("GET", PATH, None, {"Foyer-Actor": "owner:M0000001"})
LOOK = ("GET", PATH, None, {"Foyer-Actor": "agent:7"})
WRITE = ("POST", "/v1/keys", {"name": "x", "scopes": "*", "roles": "system"}, {})
READ_S, LOOK_S, WRITE_S = 2, 8, 25

tap = Tap()


def hold(stage):
    db = sqlite3.connect(stage.folder + "/t.db", isolation_level=None, timeout=20)
    db.execute("BEGIN IMMEDIATE")
    return db


def timed(stage, way):
    method, path, body, headers = way
    began = time.monotonic()
    c = stage.connect()
    c.socket.settimeout(60)
    try:
        return c.ask(method, path, body, **headers), time.monotonic() - began
    finally:
        c.close()


def is_told(answer, took, limit):
    if answer.status != 503 or not (b"db.busy" in answer.body or b"http.busy" in answer.body):
        return "%d %s" % (answer.status, answer.body)
    if answer.headers.get("retry-after") != "1":
        return "it is not said when to come again"
    return None if took < limit else "refused after %.1f s" % took


def is_read(answer, took):
    return None if answer.status == 200 and took < READ_S else "%d after %.1f s" % (answer.status,
                                                                                    took)


def all_at_once(stage, ways):
    found = [None] * len(ways)

    def ask(i):
        found[i] = timed(stage, ways[i])

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(ways))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return found


def looks(stage):
    shown = json.loads(stage.foyer("audit", "show", "M0000001", "--json"))
    return sum(e["by"] == "agent:7" for e in shown["items"])


def used(stage):
    keys = json.loads(stage.foyer("call", "key.list"))["keys"]
    return keys[0]["used_at"]


def comes(what, within):
    until = time.monotonic() + within
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def while_held(stage):
    ways = [READ] * 8 + [LOOK] * 6 + [OWN] * 6 + [WRITE] * 3
    limits = [READ_S] * 8 + [LOOK_S] * 12 + [WRITE_S] * 3
    reading = all_at_once(stage, [READ] * 8)
    for (answer, took), way, limit in zip(reading + all_at_once(stage, ways), [READ] * 8 + ways,
                                          [READ_S] * 8 + limits):
        wrong = is_read(answer, took) if way is READ else is_told(answer, took, limit)
        if wrong:
            return "%s %s: %s" % (way[0], way[3], wrong)
    for way in (LOOK, ("GET", "/readyz", None, {})):  # it is known now
        wrong = is_told(*timed(stage, way), READ_S)
        if wrong:
            return "then %s: %s" % (way[1], wrong)
    return is_read(*timed(stage, READ))


def file_is_held():
    stage = Stage(members=5, server="")
    try:
        stage.start(work=True)
        db = hold(stage)
        wrong = while_held(stage)
        db.execute("ROLLBACK")
        if wrong:
            return wrong
        if not comes(lambda: stage.ask("GET", "/readyz").status == 200, 5):
            return "it does not heal"
        if looks(stage):
            return "looks are written down that nobody had"
        if not comes(lambda: used(stage), 5):
            return "the key's last use is not written"
        for way in (LOOK, WRITE, OWN):
            answer, took = timed(stage, way)
            if answer.status != 200 or took > READ_S:
                return "after it: %s %d" % (way[0], answer.status)
        return None if looks(stage) == 1 else "the look is not written down"
    finally:
        stage.close()


held = "X-09 a file that others write to for long is read, and looks at it wait in no reader's way"
if SERVER:
    tap.skip(held, "PostgreSQL has no such lock")
else:
    tap.case(held, file_is_held)
sys.exit(tap.end())
