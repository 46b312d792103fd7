"""Each service is killed, and is well again by itself, and the application with it. Not: losing data (restoring.py)."""

import smoke
from engine import run
from stack import wait


def kill(stack, service):
    """Kills the first process of one container of a service, as a crash would; the engine then starts it again.

    `docker kill` would be no crash: what was stopped on purpose stays so.
    """
    container = stack.containers(service)[0]
    before = stack.state(container)
    helper = ["docker", "run", "--rm", "--pid", "host", "--network", "none", "--entrypoint", "/bin/sh"]
    run([*helper, stack.images()["postgres"], "-c", f"kill -9 {before['State']['Pid']}"])
    wait(
        f"{service} was started again",
        lambda: stack.state(container)["RestartCount"] > before["RestartCount"] and stack.is_well(container),
    )


def works(client):
    """The application does all of its work: it answers, reads from AWS, keeps it."""
    wait("the API is ready", lambda: client.ask("GET", "/health/ready")[0] == 200)
    wait("the list is whole", lambda: smoke.fleet(client) == smoke.FLEET)
    smoke.work(client)


def each(stack, client, services, say):
    """Kills the services, one after another."""
    for service in services:
        kill(stack, service)
        works(client)
        say(f"{service} was killed and is back; the application works")
