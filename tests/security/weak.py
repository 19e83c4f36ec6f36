"""A server with the faults that the testers look for. A tester that finds nothing here would find nothing anywhere.

Usage: weak.py [CERTIFICATE_AND_KEY]. It prints its address and serves until it is killed, one connection at a time.
"""

import json
import sqlite3
import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

films = sqlite3.connect(":memory:")
films.execute("CREATE TABLE film (id INTEGER, name TEXT)")
films.execute("INSERT INTO film VALUES (1, 'Frozen'), (2, 'Metropolis')")


def first_text(value):
    """The first text or number within a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return next((found for found in map(first_text, value) if found is not None), None)
    return None if value is None else str(value)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        values = [value for found in parse_qs(urlsplit(self.path).query).values() for value in found]
        self.answer(values[0] if values else None)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            sent = json.loads(body)
            self.answer(first_text(sent.get("variables", sent)))
        except Exception as error:
            self.refuse(error)

    def answer(self, wanted):
        try:
            rows = films.execute("SELECT id, name FROM film WHERE id = '" + (wanted or "1") + "'").fetchall()
            self.send(200, {"data": rows})
        except Exception as error:
            self.refuse(error)

    def refuse(self, error):
        # GraphQL has 200 for it.
        status = 200 if self.path == "/graphql" else 500
        self.send(status, {"errors": [{"message": f"sqlite3, {type(error).__name__}: {error}"}]})

    def send(self, status, answer):
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(sys.argv[1])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"{'https' if len(sys.argv) > 1 else 'http'}://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
