"""Scaling, a release and the way back while people work: no request may fail. Not: how caddy does it (Caddyfile)."""

import http.client
import pathlib
import tempfile
import threading
import time

import smoke
from engine import Failed, run
from limits import DEPLOY_S, ROLLBACK_S
from stack import PATIENCE

ROLL = "deploy/compose/roll"
# What people ask for, and changes that are only tried. Each of the readers pauses, to stay below the limit that one person has.
READS = ("/api/v1/workspaces?limit=50", "/api/v1/overview", "/", "/api/v1/jobs?limit=20")
READ_PAUSE, WRITE_PAUSE = 0.1, 0.25
# What another release is called here, what only its portal has, and a part that its pages read later.
OTHER = "another"
NEWS, PART = "/news.txt", "/pkg/part-00000000.txt"
# The order of a release and of the way back: the API knows what the portal asks for, before and after. The rest is of no order.
FORTH = ("migrate", "api", "worker", "portal")
BACK = ("portal", "worker", "api")
REST = ("ai-service", "backup")


class Load:
    """People who go on asking until they are told to stop."""

    def __init__(self, client):
        self.client, self.stop = client, threading.Event()
        self.asked, self.failed, self.lock = 0, [], threading.Lock()
        ids = [item["id"] for item in client.api("GET", "/workspaces?limit=5")["items"]]
        self.write = {"workspace_ids": ids, "dry_run": True}
        self.threads = [threading.Thread(target=self.read, args=(path,)) for path in READS]
        self.threads.append(threading.Thread(target=self.change))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def note(self, what, failed):
        """Counts a request."""
        with self.lock:
            self.asked += 1
            if failed:
                self.failed.append(f"{what}: {failed}")

    def ask(self, method, path, body=None):
        """One request, on a connection of its own."""
        try:
            status, _, text = self.client.ask(method, path, body)
            self.note(f"{method} {path}", status >= 400 and f"{status} {text[:200]}")
        except (OSError, http.client.HTTPException) as error:
            self.note(f"{method} {path}", repr(error))

    def read(self, path):
        """Reads the same again and again."""
        while not self.stop.wait(READ_PAUSE):
            self.ask("GET", path)

    def change(self):
        """Tries the same change again and again."""
        while not self.stop.wait(WRITE_PAUSE):
            self.ask("POST", "/api/v1/workspaces/stop", self.write)


def scale(stack, client, say):
    """Three workers, then two again; work is done with either."""
    for count in (3, 2):
        stack.up(["worker"], "--no-deps", "--no-recreate", "--scale", f"worker={count}")
        stack.wait_well("worker", count)
        smoke.work(client)
    say("workers were scaled to 3 and back to 2; jobs are done")


def release(stack, client, say):
    """The images under another tag take the place of those that run, and then these theirs, under load: a release and the way back."""
    caddy = stack.containers("caddy")
    for image in {image for image in stack.images().values() if image.startswith("wheelhouse/")}:
        run(["docker", "tag", image, f"{image.rsplit(':', 1)[0]}:{OTHER}"])
    with_another_portal()
    with Load(client) as load:
        forth = moved(stack, OTHER, FORTH)
        smoke.expect("the portal is the other release's", client.ask("GET", NEWS)[0] == 200)
        back = moved(stack, "local", BACK)
        smoke.expect("the portal is the first release's again", client.ask("GET", NEWS)[0] == 404)
        smoke.expect("who has a page of the other one open still finds its parts", client.ask("GET", PART)[0] == 200)
    if load.failed:
        raise Failed(f"{len(load.failed)} of {load.asked} requests failed: {load.failed[:5]}")
    smoke.expect("caddy stayed as it was", stack.containers("caddy") == caddy)
    if forth > DEPLOY_S or back > ROLLBACK_S:
        raise Failed(f"a release took {forth:.0f} s, of {DEPLOY_S}, and the way back {back:.0f} s, of {ROLLBACK_S}")
    say(f"a release took {forth:.0f} s, of {DEPLOY_S}, and the way back {back:.0f} s, of {ROLLBACK_S}, under load: "
        f"{load.asked} requests, 0 failed")


def with_another_portal():
    """Gives the other release a portal that can be told from the first one's."""
    name = f"wheelhouse/web:{OTHER}"
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"FROM {name}"]
        for number, path in enumerate((NEWS, PART)):
            pathlib.Path(folder, str(number)).write_text("another\n")
            lines.append(f"COPY {number} /srv/portal{path}")
        pathlib.Path(folder, "Dockerfile").write_text("\n".join(lines))
        run(["docker", "build", "-q", "-t", name, folder])


def moved(stack, tag, parts):
    """Moves a stack to the images of a tag, part by part, as docs/staging.md says. The seconds it took."""
    rolled = [part for part in parts if part in ("api", "worker")]
    before = {service: set(stack.containers(service)) for service in (*rolled, *REST)}
    stack.env["STACK_TAG"] = tag
    began = time.monotonic()
    for part in parts:
        if part in rolled:
            run([ROLL, part], env=stack.env, deadline=600)
        else:
            stack.run("run", "--rm", "--no-deps", "-T", part)
    stack.up(REST, "--no-deps")
    for service in REST:
        stack.wait_well(service)
    seconds = time.monotonic() - began
    for service, old in before.items():
        new = set(stack.containers(service))
        smoke.expect(f"as many new ones of {service} are there", len(new) == len(old) and not new & old)
        images = {stack.state(container)["Config"]["Image"] for container in new}
        smoke.expect(f"{service} runs on the images of {tag}", all(image.endswith(f":{tag}") for image in images))
    return seconds
