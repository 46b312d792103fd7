"""A real Alertmanager with the configuration of deploy/alertmanager, a real Prometheus with that of deploy/prometheus, and somebody who is
told; as docker-compose.yml runs them, but for where things lie and for how long Alertmanager waits."""

import http.server
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request

import yaml

from behind_caddy import free_port

ROOT = pathlib.Path(__file__).parents[3]
PATIENCE = 60
# Debian's package calls it by the second name.
ALERTMANAGER = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
DOCS = "https://wheelhouse.example.org/docs"


def wait(what, probe):
    """The first true answer of the probe."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            if answer := probe():
                return answer
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"waited in vain until {what}")


def get(url):
    """What a server answers; JSON is read."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        body = answer.read().decode()
    return json.loads(body) if answer.headers.get_content_type() == "application/json" else body


def example():
    """deploy/alertmanager/alertmanager.yml with what its comment says one may write there."""
    text = (ROOT / "deploy/alertmanager/alertmanager.yml").read_text()
    comment, rest = text.split("\nroute:\n")
    [told] = re.findall(r"(?m)^#   - name: people\n(?:#     .*\n)+", comment)
    config = yaml.safe_load("route:\n" + rest)
    people = yaml.safe_load(re.sub(r"(?m)^# {3}", "", told))
    config["receivers"] = [people.pop() if receiver["name"] == "people" else receiver for receiver in config["receivers"]]
    return config


class Server(http.server.ThreadingHTTPServer):
    """Something that listens here until the test ends."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        """Stops it."""
        self.shutdown()
        self.server_close()


class Person(Server):
    """Whoever is told: keeps every notification."""

    def __init__(self):
        super().__init__(Told)
        self.told = queue.Queue()

    def next(self):
        """The next notification: its status, and its alerts."""
        said = self.told.get(timeout=PATIENCE)
        return said["status"], said["alerts"]


class Told(http.server.BaseHTTPRequestHandler):
    """A webhook."""

    def do_POST(self):
        self.server.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Nothing: a test's output is its result."""


class Metrics(Server):
    """A process of ours, as far as Prometheus reads it."""

    def __init__(self, text):
        super().__init__(Read)
        self.text = text


class Read(http.server.BaseHTTPRequestHandler):
    """What it says."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *_):
        """Nothing: a test's output is its result."""


class Program:
    """A server that is ready when it says so, in a folder of its own."""

    def __init__(self, command, folder, port, environment=None):
        self.folder, self.address = folder, f"127.0.0.1:{port}"
        with open(os.path.join(folder.name, "log"), "w", encoding="utf-8") as log:
            environment = {**os.environ, **(environment or {})}
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder.name, env=environment)
        wait(f"{command[0]} is ready: {self.log()}", lambda: get(f"http://{self.address}/-/ready"))

    def log(self):
        """What it wrote."""
        return pathlib.Path(self.folder.name, "log").read_text()

    def end(self):
        """Stops it."""
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


class Alertmanager(Program):
    """Tells a person, at the address in the file that compose gives it."""

    def __init__(self, person):
        folder, port = tempfile.TemporaryDirectory(), free_port()
        address = f"http://{person.address}/hook"
        secret = pathlib.Path(folder.name, "webhook_url")
        secret.write_text(address + "\n")
        text = re.sub(r"(group_wait|group_interval): \S+", r"\1: 1s", yaml.safe_dump(example()))
        text = text.replace("/run/secrets/webhook_url", str(secret))
        self.file = pathlib.Path(folder.name, "alertmanager.yml")
        self.file.write_text(text)
        if "url_file not found" in self.amtool("check-config", self.file, check=False):
            # Before 0.26 a webhook's address stood in the configuration alone.
            self.file.write_text(text.replace(f"url_file: {secret}", f"url: {address}"))
        service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["alertmanager"]
        places = {"/etc/alertmanager/alertmanager.yml": str(self.file), "/alertmanager": os.path.join(folder.name, "data")}
        options = [option.split("=", 1) for option in service["command"]]
        command = [ALERTMANAGER, *(f"{name}={places.get(value, value)}" for name, value in options)]
        super().__init__([*command, f"--web.listen-address=127.0.0.1:{port}"], folder, port)
        # How compose asks whether it is well.
        self.health = [word.replace("127.0.0.1:9093", self.address) for word in service["healthcheck"]["test"][1:]]

    def amtool(self, *words, check=True):
        """What its command says, here of this server."""
        ended = subprocess.run(["amtool", *map(str, words)], capture_output=True, text=True, check=False)
        if check and ended.returncode:
            raise AssertionError(ended.stdout + ended.stderr)
        return ended.stdout + ended.stderr

    def post(self, *alerts):
        """Alerts, as Prometheus posts them."""
        request = urllib.request.Request(
            f"http://{self.address}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30):
            pass

    def held_back(self):
        """The names of the alerts that nobody is told of, as another alert or a silence is in the way."""
        alerts = get(f"http://{self.address}/api/v2/alerts")
        return {alert["labels"]["alertname"] for alert in alerts if alert["status"]["state"] == "suppressed"}


class Prometheus(Program):
    """Reads one process as api, each second, and judges it by our rules."""

    def __init__(self, target, alertmanager):
        folder, port = tempfile.TemporaryDirectory(), free_port()
        source = ROOT / "deploy/prometheus"
        config = yaml.safe_load((source / "prometheus.yml").read_text().replace("alertmanager:9093", alertmanager))
        config["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(source / file) for file in config["rule_files"]]
        config["scrape_configs"] = [{"job_name": "api", "static_configs": [{"targets": [target]}]}]
        file = pathlib.Path(folder.name, "prometheus.yml")
        file.write_text(yaml.safe_dump(config))
        command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder.name}/data"]
        command += ["--enable-feature=expand-external-labels", f"--web.listen-address=127.0.0.1:{port}"]
        super().__init__(command, folder, port, {"DOCS_URL": DOCS})
