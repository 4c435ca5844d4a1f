# confined: the server gives up what it does not need, and does its work all the same.
# SPDX-License-Identifier: Apache-2.0
import base64
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import SANITIZED, Stage, Tap  # noqa: E402


def status_of(path):
    with open(path) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def threads(stage):
    folder = "/proc/%d/task" % stage.process.pid
    return [status_of("%s/%s/status" % (folder, name)) for name in os.listdir(folder)]


def all_confined(stage):
    found = threads(stage)
    if len(found) < 3:
        return "only %d threads" % len(found)
    for s in found:
        if s["Seccomp"] != "2" or s["NoNewPrivs"] != "1":
            return "%s: seccomp %s, no_new_privs %s" % (s["Name"], s["Seccomp"], s["NoNewPrivs"])
    return None


def tells_the_log(stage):
    line = next((x for x in stage.lines() if x["event"] == "confined"), None)
    return None if line and line["seccomp"] == "on" and line["landlock"] >= 0 else str(line)


def none_when_told(stage):
    stage.stop()
    stage.start("--unconfined")
    for s in threads(stage):
        if s["Seccomp"] != "0":
            return "seccomp " + s["Seccomp"]
    return "it says so" if any(x["event"] == "confined" for x in stage.lines()) else None


# A gateway, fonts, certificates and time zones are files that the server still has to reach.
def does_its_work(stage):
    member = "C0000001"
    a = stage.ask("POST", "/v1/memberships",
                  {"member": member, "email": "c@example.com", "name": "Zoë 山田 عمر",
                   "country": "JP", "plan": "standard", "token": "tok_visa"},
                  Foyer_Actor="visitor", Idempotency_Key="start")
    if a.status != 200:
        return a.body
    charges = stage.ask("GET", "/v1/accounts/%s/charges" % member).json()["charges"]
    reference = charges[0]["reference"]
    a = stage.ask("GET", "/v1/accounts/%s/receipts/%s" % (member, reference))
    if a.status != 200:
        return a.body
    pdf = base64.b64decode(a.json()["content_base64"])
    if not pdf.startswith(b"%PDF"):
        return pdf[:40]
    return None if pdf.count(b"/FontFile") >= 2 else "fonts are missing from the receipt"


def wait_for(look, stage):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = look(stage)
        if found:
            return found
        time.sleep(0.1)
    return None


def starts(stage, member):
    a = stage.ask("POST", "/v1/memberships",
                  {"member": member, "email": member + "@example.com", "name": "Zoe",
                   "country": "DE", "plan": "standard", "token": "tok_visa"}, Foyer_Actor="visitor")
    if a.status != 200:
        raise ValueError(a.body)


# The folder is not there yet, and lies where the server may make nothing else.
def delivers_mail(stage, elsewhere):
    folder = elsewhere + "/mail"
    stage.stop()
    stage.foyer("config", "set", "mail_url", "maildir:" + folder)
    stage.start(work=True)
    starts(stage, "C0000002")

    def came(_):
        return os.path.isdir(folder + "/new") and os.listdir(folder + "/new")

    if not wait_for(came, stage):
        return "nothing came: %s" % stage.lines()[-3:]
    left = wait_for(lambda _: not os.listdir(folder + "/tmp"), stage)
    return None if left else "left in tmp: %s" % os.listdir(folder + "/tmp")


# A file stands where the folder should.
def tells_what_is_stuck(stage, elsewhere):
    stage.stop()
    with open(elsewhere + "/file", "w"):
        pass
    stage.foyer("config", "set", "mail_url", "maildir:" + elsewhere + "/file")
    stage.start(work=True)
    starts(stage, "C0000003")
    line = wait_for(lambda s: [x for x in s.lines() if x["event"] == "not delivered"], stage)
    if not line:
        return "no line: %s" % stage.lines()[-3:]
    told = {name: line[0][name] for name in ("way", "why")}
    good = told == {"way": "email", "why": "the folder cannot be written"}
    return None if good and line[0]["again"] == line[0]["messages"] > 0 else str(line[0])


def main():
    tap, stage, elsewhere = Tap(), Stage(), tempfile.mkdtemp(prefix="foyer-mail-")
    try:
        stage.start()
        if not SANITIZED:  # whose own threads must look into the process when it ends
            tap.case("every thread of the server is confined", all_confined, stage)
            tap.case("the log tells what the kernel took part in", tells_the_log, stage)
        tap.case("a confined server does its work", does_its_work, stage)
        tap.case("Y-14 a confined server delivers into a folder", delivers_mail, stage, elsewhere)
        tap.case("Y-14 the log tells of a courier that cannot deliver", tells_what_is_stuck, stage,
                 elsewhere)
        tap.case("nothing is confined when told so", none_when_told, stage)
    finally:
        stage.close()
        shutil.rmtree(elsewhere, ignore_errors=True)
    return tap.end()


sys.exit(main())
