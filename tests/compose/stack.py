"""One stack: its project, its secrets, its ports; starting it, looking at it, taking it down. Not: what is tried with it."""

import json
import pathlib
import re
import shutil
import tempfile
import time

from engine import BUILD_DEADLINE, Failed, Hopeless, have_image, run

# How long anything may take to become as it should be. Nothing is asserted about how long it takes, but a release (limits.py).
PATIENCE = 240
PROFILES = ("watch", "pitr", "demo")
# As `docker stats` writes them.
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def wait(what, probe):
    """The first true answer of the probe; an error when there is none in time."""
    ends = time.monotonic() + PATIENCE
    last = None
    while time.monotonic() < ends:
        try:
            answer = probe()
            if answer:
                return answer
        except Hopeless:
            raise
        except (Failed, OSError) as error:
            last = error
        time.sleep(0.5)
    raise Failed(f"waited {PATIENCE} s in vain until {what}" + (f"; the last error: {last}" if last else ""))


class Stack:
    """A stack beside others: every name, port, network and folder is its own."""

    def __init__(self, compose, name, number):
        self.compose, self.project = compose, f"wheelhouse-trial-{name}"
        self.port = 18443 + number
        self.site = f"localhost:{self.port}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.project}-"))
        self.secrets = self.folder / "secrets"
        self.env = {
            "COMPOSE_PROJECT_NAME": self.project,
            "STACK_SITE": self.site,
            "STACK_HTTPS_PORT": str(self.port),
            "STACK_HTTP_PORT": str(18080 + number),
            "STACK_GRAFANA_PORT": str(13000 + number),
            "STACK_SECRETS": str(self.secrets),
            "STACK_FRONT_NETWORK": f"10.89.{90 + 2 * number}.0/24",
            "STACK_DEMO_NETWORK": f"10.89.{91 + 2 * number}.0/24",
        }

    def run(self, *arguments, **options):
        """A command of compose in this project."""
        profiles = [part for profile in PROFILES for part in ("--profile", profile)]
        return run([*self.compose, *profiles, *map(str, arguments)], env=self.env, **options)

    def is_there(self):
        """Whether a container of this name is here already: of a trial that still runs, that was kept, or that was broken off."""
        of_it = f"label=com.docker.compose.project={self.project}"
        return bool(run(["docker", "container", "ls", "-a", "-q", "--filter", of_it]).split())

    def build(self):
        """Builds the images."""
        self.run("build", deadline=BUILD_DEADLINE)

    def services(self, without=()):
        """The services whose images can be had, and those whose can't; some are not asked for."""
        there, missing = [], []
        for name, image in self.images().items():
            if name in without:
                continue
            (there if image.startswith("wheelhouse/") or have_image(image) else missing).append(name)
        return there, missing

    def images(self):
        """The image of each service, without the one for work by hand."""
        images, service, inside = {}, None, False
        for line in self.run("config").splitlines():
            if not line.startswith(" "):
                inside = line.startswith("services:")
            elif inside and line.startswith("  ") and line[2] != " ":
                service = line.strip().rstrip(":").strip("'\"")
            elif inside and line.startswith("    image: "):
                images[service] = line.split("image: ")[1].strip()
        images.pop("admin", None)
        return images

    def up(self, services, *options):
        """Starts services with what they depend on."""
        self.run("up", "-d", "--no-build", *options, *services, deadline=600)

    def containers(self, service):
        """The ids of a service's running containers."""
        found = self.run("ps", "-q", service).split()
        return [container for container in found if self.state(container)["State"]["Running"]]

    def state(self, container):
        """What the engine says of a container."""
        return json.loads(run(["docker", "inspect", container]))[0]

    def is_well(self, container):
        """Whether it runs, and is healthy where that is asked."""
        state = self.state(container)["State"]
        return state["Running"] and state.get("Health", {}).get("Status", "healthy") == "healthy"

    def memory_mb(self):
        """The memory that each service's containers hold, MB, the most first. What is cached of files does not count."""
        taken = {}
        for service in self.images():
            for container in self.containers(service):
                used = run(["docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", container]).split("/")[0]
                number, unit = re.fullmatch(r"([\d.]+)([KMG]?i?B)", used.strip()).groups()
                taken[service] = taken.get(service, 0) + float(number) * UNITS[unit] / 1e6
        return dict(sorted(taken.items(), key=lambda pair: -pair[1]))

    def wait_well(self, service, count=1):
        """Waits until so many containers of a service are well."""
        wait(
            f"{count} of {service} are well",
            lambda: sum(map(self.is_well, self.containers(service))) == count,
        )

    def logs(self, service):
        """What a service has written."""
        return self.run("logs", "--no-color", service)

    def sql(self, statement):
        """What a statement finds, asked as the owner of the tables: a line for each row, columns divided by |."""
        ask = 'PGPASSWORD="$(cat /run/secrets/owner_password)" psql -h 127.0.0.1 -U wheelhouse -d wheelhouse -XAt -c "$0"'
        return run(["docker", "exec", self.containers("postgres")[0], "sh", "-c", ask, statement]).splitlines()

    def down(self):
        """Takes everything down, with its data and its secrets. The networks that the engine would not let go of: one of
        Docker 20.10 may count a container in that was killed and is gone, until the engine is started again."""
        self.run("--profile", "admin", "down", "-v", "--remove-orphans", "-t", "5", check=False)
        left = {kind: self.remove(kind, options) for kind, options in (("container", ["-f"]), ("volume", []), ("network", []))}
        shutil.rmtree(self.folder, ignore_errors=True)
        if left["container"] or left["volume"]:
            raise Failed(f"there is still something after the stack was taken down: {left}")
        return left["network"]

    def remove(self, kind, options):
        """Removes what compose left of a kind; the names of what is there even then."""
        names = ["docker", kind, "ls", "-q", "--filter", f"label=com.docker.compose.project={self.project}"]
        for name in run(names + (["-a"] if kind == "container" else [])).split():
            run(["docker", kind, "rm", *options, name], check=False)
        return run(names).split()
