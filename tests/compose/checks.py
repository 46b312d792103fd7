"""What can be said of the files without an engine: the headers of pages, the memory, the configuration of caddy."""

import re

from engine import ROOT, Failed, run
from limits import ROOM_MB


def headers(say):
    """Caddy gives pages the headers that the API gives them."""
    rust = (ROOT / "api/src/middleware/security_headers.rs").read_text()
    # A string of Rust may go on in the next line, without what that begins with.
    rust = re.sub(r"\\\n\s*", "", rust)
    own = {
        "content-security-policy": re.search(r'CONTENT_POLICY: &str = "([^"]+)"', rust)[1],
        "strict-transport-security": re.search(r'INSIST_ON_TLS: &str = "([^"]+)"', rust)[1],
    }
    always = rust[rust.index("static ALWAYS"):rust.index("];", rust.index("static ALWAYS"))]
    for constant, name, value in re.findall(r'\(\s*(?:([A-Z_]+)|HeaderName::from_static\("([^"]+)"\)),\s*"([^"]+)"', always):
        own[name or constant.lower().replace("_", "-")] = value
    caddy = (ROOT / "deploy/caddy/Caddyfile").read_text()
    block = caddy[caddy.index("\theader {"):caddy.index("\t}", caddy.index("\theader {"))]
    theirs = {name.lower(): value for name, value in re.findall(r'([\w-]+) "([^"]+)"', block)}
    if own != theirs:
        differ = dict(set(own.items()) ^ set(theirs.items()))
        raise Failed(f"deploy/caddy/Caddyfile and the API differ in the headers of pages: {differ}")
    say(f"caddy gives pages the {len(own)} headers that the API gives them")


def services(compose):
    """The lines of each service in the configuration, with every profile: by service, then by key."""
    return parts(run([*compose, "--profile", "watch", "--profile", "pitr", "--profile", "demo", "config"]))


def parts(text):
    """The same of a configuration that is whole: without variables, anchors and comments, as compose prints it."""
    section, service, part, found = None, None, None, {}
    for line in text.splitlines():
        if matched := re.match(r"(\w+):", line):
            section = matched[1]
        elif section == "services" and (matched := re.match(r"  (\S+):$", line)):
            service = matched[1]
        elif section == "services" and (matched := re.match(r"    (\w+):", line)):
            part = matched[1]
            found.setdefault(service, {})[part] = [line]
        elif section == "services":
            found[service][part].append(line)
    return {name: {part: "\n".join(lines) for part, lines in of.items()} for name, of in found.items()}


def memory(found, say):
    """The limits of everything that runs for long fit the machine."""
    total = 0
    for service, parts in found.items():
        if service == "admin" or re.match(r" +restart: '?\"?no", parts.get("restart", "")):
            continue
        if limit := re.match(r" +mem_limit: '?\"?(\d+)(m?)", parts.get("mem_limit", "")):
            copies = re.search(r"\n      replicas: (\d+)", parts.get("deploy", ""))
            total += (int(limit[1]) if limit[2] else int(limit[1]) / 2**20) * (int(copies[1]) if copies else 1)
    if not 0 < total <= ROOM_MB:
        raise Failed(f"the services may take {total:.0f} MB together, of {ROOM_MB} MB that there is for them")
    say(f"the services may take {total:.0f} MB together, of {ROOM_MB}")


def reached(found, say):
    """Only caddy is reached from elsewhere; what else listens on the machine does so for the machine itself."""
    opened, public = set(), set()
    for service, parts in found.items():
        ports = re.split(r"(?m)^ +- ", parts.get("ports", ""))[1:]
        opened |= {service for port in ports if "127.0.0.1" not in port}
        public |= {service for _ in re.findall(r"(?m)^[ -]+public\b", parts.get("networks", ""))}
    if public != {"caddy"} or opened != {"caddy"}:
        raise Failed(f"only caddy may be reached from elsewhere, not {sorted(opened | public)}")
    say("only caddy is reached from elsewhere")


def caddyfile(caddy, say):
    """A real caddy takes the configuration, for localhost and for a public name; `caddy` is the command for one, given a name."""
    for site in ("localhost", "localhost:8443", "wheelhouse.example.org"):
        run([*caddy(site), "validate", "--config", "deploy/caddy/Caddyfile", "--adapter", "caddyfile"], env={"STACK_SITE": site})
    say("caddy takes its configuration")
