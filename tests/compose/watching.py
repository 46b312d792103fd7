"""Who watches the stack: figures, dashboards, logs. Not: what the alerts are (tests/integration/watching), nor whether somebody is
told of one (tests/python/deploy/alerts_test.py)."""

import json
import re

from engine import ROOT, Failed
from limits import SERIES
from stack import wait

# Each process of Wheelhouse, by the job that Prometheus knows it as.
PROCESSES = {"ai": 1, "api": 2, "prometheus": 1, "worker": 3}


def each(stack, there, say):
    """What is there of it."""
    targets(stack)
    say("Prometheus reaches every process")
    counted = series(stack)
    say(f"the stack has {counted} time series, of {SERIES}")
    if "grafana" in there:
        say(f"Grafana has its {dashboards(stack)} dashboards and its sources")
    if {"loki", "logs"} <= set(there):
        lines(stack)
        say("what the API writes is found in Loki")


def ask(stack, query):
    """What Prometheus answers to a query: a line for each series."""
    return stack.run("exec", "-T", "prometheus", "promtool", "query", "instant", "http://localhost:9090", query).splitlines()


def targets(stack):
    """Prometheus reaches every process."""

    def up():
        jobs = [re.search(r'job="([^"]+)"', line)[1] for line in ask(stack, "up") if "=> 1 " in line]
        return {job: jobs.count(job) for job in set(jobs)} == PROCESSES

    wait(f"Prometheus reaches {PROCESSES}", up)


def series(stack):
    """How many series all processes of Wheelhouse give together."""
    answer = ask(stack, 'sum(scrape_samples_scraped{job!="prometheus"})')
    counted = int(re.search(r"=> (\d+) ", answer[0])[1])
    if not 0 < counted <= SERIES:
        raise Failed(f"the stack has {counted} time series, of {SERIES}")
    return counted


def dashboards(stack):
    """How many dashboards Grafana has: each file's, and both sources of what they show."""
    password = (stack.secrets / "grafana/admin_password").read_text().strip()

    def read(path):
        return json.loads(stack.run("exec", "-T", "grafana", "wget", "-q", "-O", "-", f"http://admin:{password}@127.0.0.1:3000/api{path}"))

    written = {json.loads(path.read_text())["uid"] for path in (ROOT / "deploy/grafana/dashboards").rglob("*.json")}
    wait("Grafana has every dashboard", lambda: written and {found["uid"] for found in read("/search?type=dash-db")} == written)
    kinds = {source["type"] for source in read("/datasources")}
    if kinds != {"prometheus", "loki"}:
        raise Failed(f"Grafana reads from {sorted(kinds)}, not from Prometheus and Loki")
    return len(written)


def lines(stack):
    """A line that the API wrote as it started is found again by its service."""
    query = "query=%7Bservice%3D%22api%22%7D&limit=1"

    def found():
        said = stack.run("exec", "-T", "loki", "/busybox/wget", "-q", "-O", "-", f"http://127.0.0.1:3100/loki/api/v1/query_range?{query}")
        return json.loads(said)["data"]["result"]

    wait("Loki has what the API writes", found)
