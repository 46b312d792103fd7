"""The smoke path through caddy: what somebody does on the first day. Not: what happens when parts die (recovery.py)."""

import json
import re

from client import Client
from engine import Failed

EMAIL, PASSWORD = "owner@example.com", "correct horse battery staple"
# As many as docker-compose.yml gives the simulated AWS.
FLEET = 200
REPORT = {
    "name": "Fleet", "template": "inventory", "span": "yesterday", "format": "csv", "frequency": "never", "zone": "Etc/UTC",
    "hour": 6, "day": 1, "keep_runs": 5, "enabled": False,
}


def expect(what, true):
    """An error where it is not so."""
    if not true:
        raise Failed(f"it is not so that {what}")


def portal(client):
    """The portal's files: pages under every address, compressed, with the headers of pages; hashed ones kept for ever."""
    status, headers, _ = client.ask("GET", "/", headers={"Accept-Encoding": "br"})
    expect("the portal is there", status == 200 and headers["Content-Type"].startswith("text/html"))
    expect("it comes compressed", headers["Content-Encoding"] == "br")
    expect("a page is asked for each time", headers["Cache-Control"] == "no-cache")
    expect("a page has its policy", "wasm-unsafe-eval" in headers["Content-Security-Policy"])
    _, _, page = client.ask("GET", "/workspaces/anything")
    script = re.search(r'src="(/pkg/[^"]+)"', page.decode())
    expect("every address of a page is the portal", script)
    status, headers, _ = client.ask("GET", script[1])
    expect("what has a hash is kept for ever", status == 200 and "immutable" in headers["Cache-Control"])
    status, headers, _ = client.ask("GET", "/pkg/nothing-00000000.js")
    expect("what is not there is not kept", status == 404 and not headers["Cache-Control"])
    status, _, _ = client.ask("GET", "/metrics.txt")
    expect("figures are not for the public", status == 404)


def runbook(client):
    """The page that an alert leads to, made into HTML; so is every page of the documentation."""
    status, headers, page = client.ask("GET", "/docs/runbook/ApiMissing.md")
    expect("the runbook is there", status == 200 and headers["Content-Type"].startswith("text/html"))
    expect("its pages have their policy", "default-src 'self'" in headers["Content-Security-Policy"])
    expect("it is HTML", b"ApiMissing</h1>" in page)


def owner_link(stack):
    """The one-time link, as the log of the API has it."""
    links = re.findall(r"create the owner \(one-time link.*?\): (\S+)", stack.logs("api"))
    expect(f"one link for the owner is in the log, not {len(links)}", len(links) == 1)
    expect("it leads to this stack", links[0].startswith(f"https://{stack.site}/setup?token="))
    return links[0].split("token=")[1]


def first_run(stack, client):
    """The owner comes to be, and signs in anew."""
    token = owner_link(stack)
    client.api("POST", "/setup", {"token": token, "email": EMAIL, "password": PASSWORD})
    sign_in(client)
    status, _, _ = client.ask("POST", "/api/v1/setup", {"token": token, "email": EMAIL, "password": PASSWORD})
    expect("the link works once", status >= 400)


def sign_in(client):
    """A session of its own."""
    client.cookies.clear()
    session = client.api("POST", "/session", {"email": EMAIL, "password": PASSWORD})
    expect("the owner is signed in", session["role"] == "owner")


def seen_from(stack, client):
    """The API knows where people come from: not caddy's address, which lies in the network that they share."""
    sessions = client.api("GET", "/profile/sessions")["items"]
    caddys = stack.env["STACK_FRONT_NETWORK"].rsplit(".", 1)[0] + "."
    expect("the API sees who asks", sessions and not any(item["ip_address"].startswith(caddys) for item in sessions))


def demo_account(client):
    """Connects the simulated AWS; its id."""
    account = {
        "name": "Demo", "regions": ["us-east-1", "eu-central-1"], "credentials": "simulated",
        "endpoint_url": "http://aws-sim:5066",
    }
    return client.api("POST", "/accounts", account)["id"]


def sync(client, account):
    """Reads the fleet, and waits until it is there. The live stream tells of it meanwhile."""
    jobs = []
    client.events("/events", wanted=lambda name: True,
                  meanwhile=lambda: jobs.extend(client.api("POST", f"/accounts/{account}/sync")["job_ids"]))
    for job in jobs:
        client.done(job)


def scheduled(client, name):
    """Has something done now that is done by itself from time to time, and waits for it."""
    for job in client.api("POST", f"/schedules/{name}/run")["job_ids"]:
        client.done(job)


def work(client):
    """Has the workers read something from AWS that is quickly read."""
    scheduled(client, "sync-directories")


def fleet(client):
    """How many WorkSpaces the list has."""
    return client.api("GET", "/workspaces?limit=50")["total"]


def report(client):
    """Makes a report and reads its file."""
    made = client.api("POST", "/reports", REPORT)
    begun = client.api("POST", f"/reports/{made['id']}/runs")
    client.done(begun["job_id"])
    status, _, text = client.ask("GET", f"/api/v1/report-runs/{begun['id']}/file")
    # The first line names the columns.
    expect("the report has a line for each WorkSpace", status == 200 and len(text.splitlines()) == FLEET + 1)


def assistant(client):
    """Asks the assistant, who answers by its rules where there is no model."""
    talk = client.api("POST", "/assistant/conversations", {})["id"]
    turn = client.api("POST", f"/assistant/conversations/{talk}/turns", {"question": "How many WorkSpaces are there?"})["id"]
    seen = client.events(f"/assistant/turns/{turn}/answer", method="POST", wanted=lambda name: name in ("done", "error"))
    said = " ".join(data for name, data in seen if name == "sentence")
    expect(f"the answer {json.dumps(said)} says {FLEET}", seen[-1][0] == "done" and str(FLEET) in said)


def backup(stack, client):
    """The scheduled jobs sign the audit log and make a backup, in the service that has the folder and the key for it."""
    scheduled(client, "audit-checkpoint")
    scheduled(client, "backup")
    names = stack.run("exec", "-T", "backup", "ls", "/var/backups/wheelhouse").split()
    expect("a backup is there", any(name.endswith(".age") for name in names))


def walk(stack, say):
    """The whole path; returns the client that is signed in."""
    client = Client(stack)
    portal(client)
    runbook(client)
    say("the portal is served, compressed, with its headers; alerts lead to their pages")
    first_run(stack, client)
    seen_from(stack, client)
    say("the owner's link of the log works, once; the owner signs in, from an address of their own")
    account = demo_account(client)
    sync(client, account)
    expect(f"the list has {FLEET}", fleet(client) == FLEET)
    say(f"a sync brings {FLEET} WorkSpaces from the simulated AWS; the live stream tells of it")
    report(client)
    say("a report is made and fetched")
    assistant(client)
    say("the assistant answers")
    backup(stack, client)
    say("the audit log is signed; the backup job makes a backup")
    return client
