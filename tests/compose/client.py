"""A browser without a screen: HTTPS to one stack with its own authority, one cookie jar. Not: what is asked."""

import http.client
import json
import ssl

from engine import Failed, Hopeless, run
from stack import wait

DEADLINE = 30


class Client:
    """Speaks to a stack through caddy."""

    def __init__(self, stack):
        self.stack, self.cookies = stack, {}
        self.trust = ssl.create_default_context(cafile=authority(stack))

    def connect(self):
        """A connection of its own."""
        return http.client.HTTPSConnection("localhost", self.stack.port, timeout=DEADLINE, context=self.trust)

    def headers(self):
        """What a page of the portal sends with each request."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Host": self.stack.site, "X-Wheelhouse": "1", **({"Cookie": cookies} if cookies else {})}

    def ask(self, method, path, body=None, connection=None, headers=None):
        """Status, headers and body of an answer."""
        own = connection or self.connect()
        try:
            sent = {**self.headers(), **(headers or {})}
            if body is not None:
                body, sent["Content-Type"] = json.dumps(body), "application/json"
            own.request(method, path, body, sent)
            answer = own.getresponse()
            text = answer.read()
            for cookie in answer.headers.get_all("set-cookie") or []:
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            return answer.status, answer.headers, text
        finally:
            if connection is None:
                own.close()

    def api(self, method, path, body=None):
        """What the API answers, as an object; an error unless it succeeds."""
        status, _, text = self.ask(method, "/api/v1" + path, body)
        if not 200 <= status < 300:
            raise Failed(f"{method} {path}: {status} {text.decode(errors='replace')[:500]}")
        return json.loads(text) if text else None

    def done(self, job):
        """Waits until a job is done; an error when it fails for good."""

        def ended():
            found = self.api("GET", f"/jobs/{job}")["job"]
            if found["state"] in ("dead", "cancelled"):
                raise Hopeless(f"the job {found['kind']} is {found['state']}: {found['error']}")
            return found["state"] == "done"

        wait(f"the job {job} is done", ended)

    def events(self, path, method="GET", wanted=None, meanwhile=None):
        """The events of a stream, as (name, data), until `wanted` is among them or the stream ends."""
        connection, seen = self.connect(), []
        try:
            connection.request(method, "/api/v1" + path, headers={**self.headers(), "Accept": "text/event-stream"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise Failed(f"{method} {path}: {answer.status} {answer.read()[:300]}")
            if meanwhile:
                meanwhile()
            name = "message"
            for raw in answer:
                line = raw.decode().rstrip("\r\n")
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    seen.append((name, line[5:].strip()))
                    if wanted and wanted(name):
                        break
            return seen
        finally:
            connection.close()


def authority(stack):
    """The file with the certificate of the stack's own authority."""
    file = stack.folder / "root.crt"
    inside = "/data/caddy/pki/authorities/local/root.crt"

    def copied():
        run(["docker", "cp", f"{stack.containers('caddy')[0]}:{inside}", str(file)])
        return file.exists()

    wait("caddy has made its authority", copied)
    return file
