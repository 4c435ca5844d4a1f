# codes: what stands in a message as a key to the account reaches its owner alone.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Stage, Tap  # noqa: E402

MEMBERS = ("C0000001", "C0000002")


def ask(stage, method, path, body=None, **headers):
    a = stage.ask(method, path, body, **headers)
    if a.status != 200:
        raise ValueError("%s %s: %d %s" % (method, path, a.status, a.body))
    return a


def messages(stage, actor):
    path = "/v1/accounts/%s/messages" % MEMBERS[1]
    return ask(stage, "GET", path, Foyer_Actor=actor).body.decode()


# The second's owner, who is asked for a comparison, is sent a code.
def code_of(stage):
    for member in MEMBERS:
        ask(stage, "POST", "/v1/memberships",
            {"member": member, "email": member + "@example.com", "name": "Zoe", "country": "DE",
             "plan": "standard", "token": "tok_visa"}, Foyer_Actor="visitor")
    ask(stage, "POST", "/v1/accounts/%s/link" % MEMBERS[0], {"email": MEMBERS[1] + "@example.com"},
        Foyer_Actor="owner:" + MEMBERS[0], Foyer_Proof="fresh")
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = re.search(r"within an hour: \W*([0-9A-Za-z-]+)", messages(stage, "owner:" + MEMBERS[1]))
        if found:
            return found[1]
        time.sleep(0.1)
    raise ValueError("no code came: " + messages(stage, "owner:" + MEMBERS[1]))


def owner_alone(stage, code):
    for actor in ("agent:7", "system"):
        text = messages(stage, actor)
        if code in text or "account.compare_code" not in text:
            return "%s: %s" % (actor, text)
    return None


def no_stream(stage, code):
    for header in ({}, {"Foyer_Actor": "owner:" + MEMBERS[1]}):
        c = stage.connect()
        c.socket.settimeout(3)
        c.send(c.request("GET", "/v1/events", Last_Event_ID="0", **header))
        try:
            while True:
                c.more()
        except socket.timeout:
            pass
        c.close()
        text = c.rest.decode()
        if code in text or "event: account.compare_code" not in text:
            return text
        if not header and '"amount_minor":' not in text:
            return "the operator hears no facts: " + text
    return None


def no_export(stage, code):
    for actor in ("system", "owner:" + MEMBERS[1]):
        a = ask(stage, "GET", "/v1/accounts/%s/export" % MEMBERS[1], Foyer_Actor=actor,
                Foyer_Proof="fresh")
        text = a.body.decode()
        if code in text or "account.compare_code" not in text:
            return "%s: %s" % (actor, text)
    return None


def main():
    tap, stage = Tap(), Stage(members=0)
    try:
        stage.start(work=True)
        code = code_of(stage)
        tap.case("R-05 a code in a message is shown to its owner alone", owner_alone, stage, code)
        tap.case("R-05 no stream of events tells a code", no_stream, stage, code)
        tap.case("R-05 no export holds a code", no_export, stage, code)
    finally:
        stage.close()
    return tap.end()


sys.exit(main())
