#!/usr/bin/env python3
# receiver: a receiver of webhooks that answers as its path says and keeps what it heard.
#
#     receiver.py LOG [CERTIFICATE KEY]
#
# Listens on a free port of loopback, prints it, and writes each request to LOG as a line of JSON
# before it answers. Paths are answers with dashes between, the last of which goes on:
# /500-302-200. Each path counts on its own. Beside numbers there are hang, reset and slow; 429:60
# sends Retry-After too. SPDX-License-Identifier: Apache-2.0
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

seen = {}
lock = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        with lock:
            n = seen[self.path] = seen.get(self.path, 0) + 1
            answers = self.path.strip("/").split("/")[0].split("-")
            answer = answers[min(n, len(answers)) - 1]
            heard = {"path": self.path, "answer": answer, "at": time.time(), "body": body}
            heard.update({k.lower(): v for k, v in self.headers.items()})
            with open(sys.argv[1], "a", encoding="utf-8") as log:
                log.write(json.dumps(heard) + "\n")
        self.answer(answer)

    do_GET = do_POST

    def answer(self, answer):
        code, _, seconds = answer.partition(":")
        if code == "hang":
            time.sleep(60)
        elif code == "reset":
            # A RST instead of an answer.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            os.close(self.connection.detach())
        elif code == "slow":
            time.sleep(0.3)
            self.say(200)
        else:
            self.say(int(code), seconds)

    def say(self, code, seconds=""):
        self.send_response(code)
        if seconds:
            self.send_header("Retry-After", seconds)
        if 300 <= code < 400:
            self.send_header("Location", "/200/followed")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Receiver)
if len(sys.argv) > 3:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever(0.05)
