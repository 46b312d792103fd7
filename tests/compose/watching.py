"""Who watches the stack: figures, dashboards, logs. Not: what the alerts are (tests/integration/watching), nor whether somebody is
told of one (tests/python/deploy/alerts_test.py)."""

import json
import re
from urllib.parse import quote

from engine import ROOT, Failed
from limits import SERIES
from stack import wait

# Each process of Wheelhouse, by the job that Prometheus knows it as.
PROCESSES = {"ai": 1, "api": 2, "prometheus": 1, "worker": 3}
# What Grafana reads from: type, name and service are one word.
SOURCES = ("prometheus", "loki")


def each(stack, there, say):
    """What is there of it."""
    targets(stack)
    say("Prometheus reaches every process")
    counted = series(stack)
    say(f"the stack has {counted} time series, of {SERIES}")
    if "grafana" in there:
        say(f"Grafana has its {len(dashboards(stack))} dashboards and its sources")
        asked = [source for source in SOURCES if source in there]
        for source in asked:
            answers(stack, source)
        say(f"through Grafana there is an answer of {' and '.join(asked)}")
    if {"loki", "logs"} <= set(there):
        lines(stack)
        say("what the API writes is found in Loki")
    if {"grafana", "loki"} <= set(there):
        say(f"Loki takes what {panels(stack)} queries of dashboards ask it")


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


def grafana(stack, path):
    """What Grafana's API answers its administrator."""
    password = (stack.secrets / "grafana/admin_password").read_text().strip()
    return json.loads(stack.run("exec", "-T", "grafana", "wget", "-q", "-O", "-", f"http://admin:{password}@127.0.0.1:3000/api{path}"))


def dashboards(stack):
    """The dashboards as they are written: Grafana has each of them, and both sources of what they show."""
    written = [json.loads(path.read_text()) for path in (ROOT / "deploy/grafana/dashboards").rglob("*.json")]
    names = {dashboard["uid"] for dashboard in written}
    wait("Grafana has every dashboard", lambda: names and {found["uid"] for found in grafana(stack, "/search?type=dash-db")} == names)
    kinds = {source["type"] for source in grafana(stack, "/datasources")}
    if kinds != set(SOURCES):
        raise Failed(f"Grafana reads from {sorted(kinds)}, not from Prometheus and Loki")
    return written


def answers(stack, source):
    """Grafana gets an answer of a source."""
    wait(f"Grafana gets an answer of {source}", lambda: grafana(stack, f"/datasources/uid/{source}/health")["status"] == "OK")


def panels(stack):
    """How many queries of panels there are of lines: Loki takes each, asked as Grafana asks it."""
    of_lines = [panel for dashboard in dashboards(stack) for panel in dashboard["panels"] if panel["datasource"]["type"] == "loki"]
    queries = [target["expr"] for panel in of_lines for target in panel["targets"]]
    for query in queries:
        answer = grafana(stack, f"/datasources/proxy/uid/loki/loki/api/v1/query_range?limit=1&query={quote(query, safe='')}")
        if answer["status"] != "success":
            raise Failed(f"Loki does not take {query}: {answer}")
    return len(queries)


def lines(stack):
    """A line that the API wrote as it started is found again by its service, and read as what it is."""
    query = quote('{service="api"} | json | level="INFO"', safe="")

    def found():
        said = stack.run("exec", "-T", "loki", "/busybox/wget", "-q", "-O", "-", f"http://127.0.0.1:3100/loki/api/v1/query_range?limit=1&query={query}")
        return json.loads(said)["data"]["result"]

    wait("Loki has what the API writes", found)
