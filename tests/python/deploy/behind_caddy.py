"""A real caddy, two tiny servers behind it and clients in front of it, for trials of a switch; in a network of their own."""

import collections
import fcntl
import http.client
import http.server
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time


class Colour(http.server.ThreadingHTTPServer):
    """One release: says its name, and may be not ready, slow, or streaming."""

    daemon_threads = True

    def __init__(self, name):
        super().__init__(("127.0.0.1", 0), Answers)
        self.name = name
        self.ready = True
        self.hold = threading.Event()
        self.held = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        """As caddy's configuration has it."""
        return f"127.0.0.1:{self.server_address[1]}"

    def end(self):
        """Stops it; again is harmless."""
        self.hold.set()
        self.shutdown()
        self.server_close()


class Answers(http.server.BaseHTTPRequestHandler):
    """What a release answers."""

    protocol_version = "HTTP/1.1"
    # Headers and body go out together; otherwise the second waits for the first one's receipt.
    wbufsize = -1

    def do_GET(self):
        if self.path == "/health/ready":
            return self.say(200 if self.server.ready else 503, b"")
        if self.path == "/held":
            self.server.held.set()
            self.server.hold.wait()
        self.say(200, self.server.name.encode())

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say(200, self.server.name.encode())

    def say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: a test's output is its result."""


def own_network():
    """Starts this program again in a network of its own, where the kernel is set as deploy/bluegreen/README.md wants it."""
    if os.environ.get("OWN_NETWORK") != "1":
        os.environ["OWN_NETWORK"] = "1"
        os.execvp("unshare", ["unshare", "--map-root-user", "--net", sys.executable, *sys.argv])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        set_flags, up = 0x8914, 0x1
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", up))
    with open("/proc/sys/net/ipv4/tcp_migrate_req", "w", encoding="utf-8") as setting:
        setting.write("1")


def free_port():
    """A port that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Caddy:
    """A caddy that sends everything to one address; its admin API is on a socket."""

    def __init__(self, upstream):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.socket = os.path.join(self.folder.name, "admin.sock")
        self.admin = f"unix:{self.socket}"
        file = os.path.join(self.folder.name, "Caddyfile")
        with open(file, "w", encoding="utf-8") as text:
            text.write(
                f"{{\n admin unix/{self.socket}\n auto_https off\n}}\n"
                f"http://127.0.0.1:{self.port} {{\n handle /api/* {{\n  reverse_proxy {upstream}\n }}\n"
                f" handle {{\n  reverse_proxy {{\n   dynamic a {{\n    name 127.0.0.1\n    port {upstream.split(':')[1]}\n"
                f"    refresh 1s\n   }}\n  }}\n }}\n}}\n"
            )
        places = {name: self.folder.name for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        self.log = open(os.path.join(self.folder.name, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["caddy", "run", "--config", file, "--adapter", "caddyfile"],
            env={**os.environ, **places}, stdout=self.log, stderr=self.log,
        )
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    self.log.seek(0)
                    raise RuntimeError(f"caddy ended: {self.log.read()}") from None
                time.sleep(0.05)

    def end(self):
        """Stops it."""
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()


class Load:
    """Clients that ask without a pause: some over one connection, some over a new one each time."""

    def __init__(self, port, clients=6):
        self.port = port
        self.stop = threading.Event()
        self.answers = collections.Counter()
        self.failures = []
        self.again = 0
        self.seen = threading.Condition()
        self.threads = [threading.Thread(target=self.ask, args=(number,)) for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def ask(self, number):
        """One client."""
        keeps, posts = number % 2 == 0, number % 3 == 0 and number % 2 == 1
        connection = None
        while not self.stop.is_set():
            used = connection is not None
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("POST" if posts else "GET", f"/api/{number}", b"{}" if posts else None)
                response = connection.getresponse()
                self.note(response.status, response.read().decode())
                if not keeps or response.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                connection = None
                # A server may close a connection that is idle, and a client that had used it asks anew (RFC 9112, 9.3.1).
                if used and isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                    self.again += 1
                else:
                    self.failures.append(repr(error))

        if connection:
            connection.close()

    def note(self, status, body):
        """An answer came."""
        with self.seen:
            if status != 200:
                self.failures.append(f"{status} {body}")
            self.answers[body] += 1
            self.seen.notify_all()

    def more(self, colour, number=200):
        """Waits until so many further answers came from this colour."""
        with self.seen:
            goal = self.answers[colour] + number
            if not self.seen.wait_for(lambda: self.answers[colour] >= goal, 60):
                raise AssertionError(f"{colour} does not answer: {self.answers}, {self.failures[:3]}")

    def end(self):
        """Stops the clients."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
