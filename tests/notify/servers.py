#!/usr/bin/python3
# servers: a mail server and a provider of texts and push messages for tests.
#
#     servers.py FOLDER
#
# FOLDER holds cert.pem and key.pem. Ports are the kernel's choice, on loopback; the first line of
# output is `SMTP_PORT PLAIN_PORT HTTP_PORT`, of which PLAIN knows no TLS and no user, and refuses
# it where FOLDER/refuse is. What arrives is appended to FOLDER/log, a JSON object a line. Who
# is written to decides what happens: later@, nobody@, content@, hang@ and dies@; numbers that end
# in 51 cannot get texts, and those that end in 52 find the provider down.
# SPDX-License-Identifier: Apache-2.0
import asyncio
import base64
import email
import email.policy
import json
import os
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

FOLDER = sys.argv[1]
LOCK = threading.Lock()


def log(entry):
    with LOCK, open(FOLDER + "/log", "a", encoding="utf-8") as f:
        f.write(json.dumps(entry) + "\n")


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        who = address.split("@")[0]
        if who == "later":
            return "451 4.7.1 Try again later"
        if who == "nobody":
            return "550 5.1.1 No such user"
        if who == "hang":
            log({"kind": "hang"})
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("content@"):
            return "554 5.7.1 Content refused"
        raw = envelope.original_content
        m = email.message_from_bytes(raw, policy=email.policy.default)
        parts = {p.get_content_type(): p.get_content() for p in m.walk() if not p.is_multipart()}
        log({
            "kind": "mail", "tls": session.ssl is not None, "connection": id(session),
            "user": session.auth_data.login.decode() if session.auth_data else "",
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": str(m["Subject"]),
            "id": m["Message-ID"], "auto": m["Auto-Submitted"], "headers": m.keys(),
            "defects": len(m.defects), "text": parts.get("text/plain", ""),
            "html": parts.get("text/html", ""), "long": max(map(len, raw.split(b"\r\n"))),
        })
        return "250 OK"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and self.envelope.rcpt_tos[0].startswith("dies@"):
            await self.push("354 go on")
            await asyncio.sleep(0.05)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Plain(SMTP):
    """Offers no TLS; with FOLDER/refuse it offers it, and refuses when it is wanted."""

    async def smtp_EHLO(self, hostname):
        if os.path.exists(FOLDER + "/refuse"):
            self.session.host_name = hostname
            self.session.extended_smtp = True
            await self.push("250-localhost\r\n250 STARTTLS")
            return
        await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg):
        await self.push("454 4.7.0 TLS not available")


def check(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.password == b"secret of the mail server"
    return AuthResult(success=good, auth_data=data if good else None)


async def serve_mail(ready):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(FOLDER + "/cert.pem", FOLDER + "/key.pem")
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(Handler(), hostname="localhost", tls_context=tls, require_starttls=True,
                       authenticator=check, auth_required=True), "127.0.0.1", 0)
    plain = await asyncio.get_running_loop().create_server(
        lambda: Plain(Handler(), hostname="localhost"), "127.0.0.1", 0)
    ready(*(s.sockets[0].getsockname()[1] for s in (server, plain)))
    await asyncio.gather(server.serve_forever(), plain.serve_forever())


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/push":
            log({"kind": "push", "body": json.loads(body), "raw": body,
                 "headers": {k.lower(): v for k, v in self.headers.items()}})
            return self.answer(200, {})
        user = base64.b64decode(self.headers["Authorization"].split()[1]).decode()
        if user != "AC1:token of texts" or self.path != "/2010-04-01/Accounts/AC1/Messages.json":
            return self.answer(401, {"code": 20003})
        form = {k: v[0] for k, v in parse_qs(body).items()}
        if form["To"].endswith("51"):
            return self.answer(400, {"code": 21614, "status": 400})
        if form["To"].endswith("52"):
            return self.answer(503, {})
        log({"kind": "text", "form": form, "key": self.headers["Idempotency-Key"]})
        self.answer(201, {"sid": "SM" + form["To"][1:], "status": "queued", "error_code": None})

    def log_message(self, *args):
        pass


http = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=http.serve_forever, daemon=True).start()
try:
    asyncio.run(serve_mail(lambda *ports: print(*ports, http.server_address[1], flush=True)))
except KeyboardInterrupt:
    pass
