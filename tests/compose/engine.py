"""The container engine and compose: finding them, running them. Not: what the stack is (stack.py)."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A build from nothing takes long; nothing else may.
COMMAND_DEADLINE, BUILD_DEADLINE = 300, 3 * 3600


class NoEngine(Exception):
    """Nothing here that runs containers; the text says what is missing."""


class Failed(Exception):
    """Something was not as it should be; the text says what."""


class Hopeless(Failed):
    """The same, and waiting longer does not help."""


def run(command, env=None, deadline=COMMAND_DEADLINE, check=True):
    """Runs a command and returns what it printed; with `check`, one that fails is an error with all it said."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, timeout=deadline, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def find():
    """The command for compose, as a list; an engine answers.

    Raises NoEngine where there is none.
    """
    if not shutil.which("docker"):
        raise NoEngine("there is no docker command")
    if subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode != 0:
        raise NoEngine("no Docker engine answers (docker info fails)")
    for compose in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(compose[0]) and subprocess.run([*compose, "version"], capture_output=True, timeout=60).returncode == 0:
            return compose
    raise NoEngine("there is neither docker compose nor docker-compose")


def have_image(name):
    """Whether an image is here, or can be fetched."""
    here = subprocess.run(["docker", "image", "inspect", name], capture_output=True, timeout=60)
    if here.returncode == 0:
        return True
    try:
        return subprocess.run(["docker", "pull", "-q", name], capture_output=True, timeout=600).returncode == 0
    except subprocess.TimeoutExpired:
        return False
