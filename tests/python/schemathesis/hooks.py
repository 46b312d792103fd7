"""Who asks, and about what: the parts of a request that the OpenAPI document can't say.

The test that starts schemathesis serves two addresses (WHEELHOUSE_TEST_AIM): one gives the credentials of the person who
asks, new ones whenever an operation may have ended the old; the other gives the address and body of a request that hits
something that is there. Two thirds of the well-formed requests are turned into such ones, so that answers are seen that chance
would never meet. At the end the answers are counted into the file WHEELHOUSE_TEST_ANSWERS.
"""

import atexit
import collections
import itertools
import json
import os
import random
import time
import urllib.request

import schemathesis
from schemathesis.core.parameters import ParameterLocation

AIM = os.environ["WHEELHOUSE_TEST_AIM"]
COOKIE = "__Host-wheelhouse"
# Seconds for which a session counts as proved, with room.
PROVED = 300
# What may end the session or the key with which it is asked, or change what its person holds.
ENDS = ("/session", "/profile", "/users", "/api-keys", "/roles", "/invitations/accept")

chance = random.Random(1)
numbers = itertools.count()
answers = collections.Counter()


def ask(what, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(AIM + what, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


class Credentials:
    def __init__(self):
        self.held, self.since = None, 0.0

    def get(self):
        if self.held is None or time.monotonic() - self.since > PROVED:
            self.held, self.since = ask("/credentials"), time.monotonic()
        return self.held

    def drop(self):
        self.held = None


credentials = Credentials()


@schemathesis.auth(refresh_interval=None)
class Asker:
    def get(self, case, context):
        return credentials.get()

    def set(self, case, data, context):
        headers, cookies = dict(case.headers or {}), dict(case.cookies or {})
        # From a network of its own: tries to sign in are limited for each, and limits are the subject of other tests.
        number = next(numbers)
        headers["X-Forwarded-For"] = f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        if "session" in data:
            headers["X-Wheelhouse"] = "1"
            cookies[COOKIE] = data["session"]
        if "key" in data:
            headers["Authorization"] = f"Bearer {data['key']}"
        case.headers, case.cookies = headers, cookies


def sound(case, *locations):
    """Whether nothing in these parts of the request was made wrong on purpose."""
    return case.meta is not None and not any(case.meta.is_negative_at(location) for location in locations)


def without(values, name):
    return {key: value for key, value in values.items() if key.lower() != name}


def open_doors(case):
    """Takes out what would refuse nearly every request before anything else is looked at, and leaves it in now and then."""
    if sound(case, ParameterLocation.HEADER):
        headers = without(case.headers, "idempotency-key")
        if len(headers) < len(case.headers) and chance.random() < 0.9:
            case.headers = {**headers, "Idempotency-Key": f"key-{next(numbers)}"}
        if chance.random() < 0.7:
            case.headers = without(case.headers, "if-match")
    if sound(case, ParameterLocation.QUERY) and "cursor" in case.query and chance.random() < 0.7:
        case.query = without(case.query, "cursor")


@schemathesis.hook
def before_call(context, case, kwargs):
    open_doors(case)
    if not sound(case, *ParameterLocation) or chance.random() < 0.33:
        return
    aim = ask("/aim", method=case.method.upper(), path=case.path)
    if not aim:
        return
    if case.path_parameters:
        parts = zip(case.path.split("/"), aim["address"].split("/"))
        case.path_parameters = {name[1:-1]: value for name, value in parts if name.startswith("{")}
    # Sometimes only the address is right: what is made up meets something that is there.
    if chance.random() < 0.7:
        case.query = aim["query"]
        case.headers = without(case.headers, "if-match")
        if aim["body"] is not None:
            case.body = aim["body"]


@schemathesis.hook
def after_call(context, case, response):
    label = f"{case.method.upper()} {case.path}"
    answers[f"{label} {response.status_code}"] += 1
    changed = case.method.upper() != "GET" and response.status_code < 300
    ended = changed and any(case.path.startswith("/api/v1" + path) for path in ENDS)
    if ended or response.status_code == 401:
        credentials.drop()


@atexit.register
def write():
    with open(os.environ["WHEELHOUSE_TEST_ANSWERS"], "w") as file:
        json.dump(answers, file)
