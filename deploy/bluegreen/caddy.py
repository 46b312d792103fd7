"""Caddy's admin API and configuration, as far as a switch needs them. Not a client for anything else of caddy."""

import copy
import http
import http.client
import json
import socket
import urllib.error
import urllib.parse
import urllib.request

# Every call has a deadline, in seconds; a new configuration is made ready before it is answered.
ASK_S, REPLACE_S = 5, 60


class Refused(Exception):
    """The switch was not made, and why."""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Admin:
    """Caddy's admin API."""

    def __init__(self, url):
        self.url = urllib.parse.urlsplit(url)
        if self.url.scheme not in ("http", "unix") or not (self.url.hostname or self.url.path):
            raise Refused(f"--admin {url}: neither http://host:port nor unix:/path")

    def config(self):
        """The whole configuration, and its version."""
        status, headers, body = self._call("GET", "/config/")
        config = json.loads(body) if status == 200 else None
        if not config:
            raise Refused(f"caddy has no configuration to change: {status} {body.decode(errors='replace')}")
        return config, headers.get("Etag")

    def replace(self, config, etag):
        """Puts a configuration in the place of the one that had this version, whole or not at all."""
        headers = {"Content-Type": "application/json", **({"If-Match": etag} if etag else {})}
        status, _, body = self._call("POST", "/config/", json.dumps(config).encode(), headers, REPLACE_S)
        if status == http.HTTPStatus.PRECONDITION_FAILED:
            raise Refused("somebody else changed caddy's configuration at the same time; look, and try again")
        if status != 200:
            raise Refused(f"caddy did not take the new configuration: {status} {body.decode(errors='replace')}")

    def _call(self, method, path, body=None, headers=None, timeout=ASK_S):
        if self.url.scheme == "unix":
            connection = UnixConnection(self.url.path, timeout)
        else:
            connection = http.client.HTTPConnection(self.url.hostname, self.url.port or 2019, timeout=timeout)
        try:
            # Over a socket there is no host, and caddy then wants an empty one.
            host = {"Host": ""} if self.url.scheme == "unix" else {}
            connection.request(method, path, body, {**host, **(headers or {})})
            return read_whole(connection.getresponse())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Refused(f"caddy's admin API at {self.url.geturl()}: {error!r}") from error
        finally:
            connection.close()


def read_whole(response):
    """Status, headers and body. Caddy gives the version of a configuration behind it, in a trailer, which `read()` throws away."""
    if not response.chunked:
        return response.status, response.headers, response.read()
    body = b""
    while size := int(response.fp.readline().split(b";")[0], 16):
        body += response.fp.read(size)
        response.fp.readline()
    for name, value in http.client.parse_headers(response.fp).items():
        response.headers[name] = value
    return response.status, response.headers, body


def processes(address):
    """The base address of each process that host:port stands for: a name may stand for several."""
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, ValueError) as error:
        raise Refused(f"{address} can't be looked up as host:port: {error}") from error
    hosts = sorted({place[0] for _, _, _, _, place in found})
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host in hosts]


def ask(url):
    """The status of an answer, or why there was none."""
    try:
        with urllib.request.urlopen(url, timeout=ASK_S) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException) as error:
        return repr(error)


def proxies(part):
    """Every reverse proxy in a part of a configuration, wherever it stands."""
    if isinstance(part, dict):
        if part.get("handler") == "reverse_proxy":
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from proxies(inner)


def looked_up(proxy):
    """What a reverse proxy looks up in the DNS for each request, if it does (`dynamic a`)."""
    dynamic = proxy.get("dynamic_upstreams") or {}
    return dynamic if dynamic.get("source") == "a" else None


def dials(proxy):
    """The addresses that a reverse proxy sends requests to."""
    dynamic = looked_up(proxy)
    if dynamic:
        return {f"{dynamic.get('name')}:{dynamic.get('port', '80')}"}
    return {upstream.get("dial") for upstream in proxy.get("upstreams") or []}


def colour_of(config, colours):
    """The colour that takes the requests. Half of each is nobody's intention, so it is an error."""
    found = set()
    for proxy in proxies(config):
        of = {colour for colour, addresses in colours.items() if dials(proxy) & set(addresses)}
        if len(of) > 1:
            raise Refused(f"one reverse proxy sends requests to both colours: {sorted(dials(proxy))}")
        found |= of
    if len(found) != 1:
        named = " and ".join(", ".join(addresses) for addresses in colours.values())
        what = "different reverse proxies send requests to both" if found else "no reverse proxy sends requests to either"
        raise Refused(f"caddy's configuration names {named}: {what}")
    return found.pop()


def point(config, old, new):
    """A copy of the configuration whose reverse proxies send to `new` what went to `old`. What else an upstream says stays."""
    config = copy.deepcopy(config)
    for proxy in proxies(config):
        if not dials(proxy) & set(old):
            continue
        dynamic = looked_up(proxy)
        if dynamic:
            if len(new) != 1:
                raise Refused(f"caddy looks up one name ({dynamic['name']}), and {', '.join(new)} are several")
            dynamic["name"], dynamic["port"] = new[0].rsplit(":", 1)
        else:
            moved = [upstream for upstream in proxy["upstreams"] if upstream.get("dial") in old]
            others = [upstream for upstream in proxy["upstreams"] if upstream.get("dial") not in old]
            proxy["upstreams"] = others + [{**moved[0], "dial": address} for address in new]
    return config
