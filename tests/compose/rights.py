"""What containers may do, as the engine has it: ours are nobody in particular, what compose calls read-only is so, and no secret is
where others read it. Not: what is written in docker-compose.yml (checks.py)."""

import json
import re

from engine import Failed

# As the Dockerfile says. Postgres's image is made here too, but its program is Postgres's, as Postgres's user.
NOBODY = "65532:65532"
OURS = re.compile(r"wheelhouse/(?!postgres:)")


def confined(stack, configured, say):
    """Looks at every container that runs; `configured` is what compose says of the services (checks.services)."""
    wrong, ours, closed = [], 0, 0
    for service, image in stack.images().items():
        for container in stack.containers(service):
            state = stack.state(container)
            user, is_closed = state["Config"]["User"], state["HostConfig"]["ReadonlyRootfs"]
            if OURS.match(image):
                ours += 1
                if user != NOBODY:
                    wrong.append(f"{service} runs as {user or 'root'}, not {NOBODY}")
            if configured[service].get("read_only", "").endswith(": true"):
                closed += 1
                if not is_closed:
                    wrong.append(f"{service} can write to its root file system")
    if wrong or not ours or not closed:
        raise Failed(f"containers may do what they should not, of {ours} of ours and {closed} closed ones: {wrong}")
    say(f"{ours} containers of ours run as {NOBODY}; {closed} can't write to their root file system")


def silent(stack, say):
    """No secret of the stack is in what the engine shows of its containers, nor in what they wrote in all that was tried."""
    secrets = {}
    for path in stack.secrets.rglob("*"):
        if path.is_file():
            # Longer words only: a name or a path is no secret. The password is what matters of an address.
            for word in re.findall(r"[A-Za-z0-9+/=_-]{20,}", path.read_text(errors="replace")):
                secrets[word] = path.relative_to(stack.secrets)
    looked, told = 0, set()
    for service in stack.images():
        shown = stack.logs(service)
        for container in stack.containers(service):
            shown += json.dumps(stack.state(container))
        looked += bool(shown)
        told |= {f"{service} tells secrets/{path}" for word, path in secrets.items() if word in shown}
    if told or not secrets or not looked:
        raise Failed(f"secrets are told, of {len(secrets)}, by {looked} services: {sorted(told)}")
    say(f"none of {len(secrets)} secrets is in what {looked} services wrote, or in what the engine shows of them")
