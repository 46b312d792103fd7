#!/usr/bin/env python3
"""Looks at an installation from outside, as its users and their programs do: is it there, whole, and the version it should be?

    smoke.py https://wheelhouse.example.org --version 1.2.3

With an API key in SMOKE_KEY (permission workspace:read) it also asks for the fleet. It changes nothing. Exit status: 0 all well.
"""

import argparse
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request

DEADLINE_S = 15


class Wrong(Exception):
    """Something is not as it should be."""


def get(url, headers=None):
    """Status, headers and body of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=DEADLINE_S) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
    except OSError as error:
        raise Wrong(f"{url}: {error}") from error


def hold(what, is_so):
    """Fails unless it is so."""
    if not is_so:
        raise Wrong(what)


def healthy(base):
    """The API and what it stands on."""
    status, _, body = get(f"{base}/health")
    hold(f"/health answers {status}: {body[:300].decode(errors='replace')}", status == 200)


def version(base, wanted):
    """The release."""
    status, _, body = get(f"{base}/api/v1/openapi.json")
    hold(f"/api/v1/openapi.json answers {status}", status == 200)
    found = json.loads(body)["info"]["version"]
    hold(f"version {found} is there, not {wanted}", wanted in (None, found))


def portal(base):
    """The page, what it loads first, and what it tells browsers."""
    status, headers, body = get(f"{base}/")
    hold(f"/ answers {status}", status == 200 and "text/html" in headers.get("content-type", ""))
    hold("the portal has no content policy", "default-src 'self'" in headers.get("content-security-policy", ""))
    hold("browsers are not told to insist on TLS", base.startswith("http://") or headers.get("strict-transport-security"))
    files = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|wasm))"', body.decode())
    hold("the portal's page names no files", files)
    for file in files:
        status, _, _ = get(base + file)
        hold(f"{file} answers {status}", status == 200)


def closed(base):
    """Who is nobody gets nothing."""
    status, headers, body = get(f"{base}/api/v1/workspaces")
    is_problem = headers.get("content-type") == "application/problem+json"
    hold(f"/api/v1/workspaces answers {status} to nobody", status == 401 and is_problem and json.loads(body)["status"] == 401)


def fleet(base, key):
    """A program with a key gets the list."""
    status, _, body = get(f"{base}/api/v1/workspaces?limit=1", {"authorization": f"Bearer {key}"})
    hold(f"/api/v1/workspaces answers {status} to the key", status == 200)
    hold("the list is none", isinstance(json.loads(body).get("items"), list))


def main():
    """The command."""
    parser = argparse.ArgumentParser(description="Looks at an installation from outside.")
    parser.add_argument("url", help="the address of the portal")
    parser.add_argument("--version", help="the version that must be there")
    options = parser.parse_args()
    base, key = options.url.rstrip("/"), os.environ.get("SMOKE_KEY")
    looks = [
        ("healthy", lambda: healthy(base)),
        ("version", lambda: version(base, options.version)),
        ("portal", lambda: portal(base)),
        ("closed to strangers", lambda: closed(base)),
    ]
    if key:
        looks.append(("fleet", lambda: fleet(base, key)))
    for name, look in looks:
        began = time.monotonic()
        try:
            look()
        except (Wrong, ValueError, KeyError) as error:
            print(f"smoke: {name}: {error}", file=sys.stderr)
            return 1
        print(f"{name}: well, {time.monotonic() - began:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
