"""Tries deploy/bluegreen with a real caddy under load: no request fails on the way there or back."""

import http.client
import json
import pathlib
import subprocess
import sys
import threading
import unittest

from behind_caddy import Caddy, Colour, Load, own_network

FOLDER = pathlib.Path(__file__).parents[3] / "deploy/bluegreen"
sys.path.insert(0, str(FOLDER))

import caddy  # noqa: E402


class Switch(unittest.TestCase):
    """Blue takes the requests, green stands by."""

    def setUp(self):
        self.blue, self.green = Colour("blue"), Colour("green")
        self.caddy = Caddy(self.blue.address)
        for end in (self.blue.end, self.green.end, self.caddy.end):
            self.addCleanup(end)

    def run_script(self, *words):
        """What the command says, and its exit status."""
        command = [sys.executable, str(FOLDER / "bluegreen.py"), "--admin", self.caddy.admin]
        command += ["--blue", self.blue.address, "--green", self.green.address, *words]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        return ended.returncode, (ended.stdout + ended.stderr).strip()

    def get(self, path="/"):
        """An answer through caddy."""
        connection = http.client.HTTPConnection("127.0.0.1", self.caddy.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def test_no_request_fails_there_and_back(self):
        load = Load(self.caddy.port)
        self.addCleanup(load.end)
        load.more("blue")
        front = f"http://127.0.0.1:{self.caddy.port}"
        for old, to in (("blue", "green"), ("green", "blue")) * 3:
            said = self.run_script("switch", to, "--front", front)
            self.assertEqual(said, (0, f"{to} takes the requests; {old} finishes what it has when it gets SIGTERM"))
            self.assertEqual(self.get(), to)
            load.more(to)
        load.end()
        self.assertEqual(load.failures, [])
        print(f"{load.answers.total()} requests, 6 switches, {load.again} asked anew on a connection that had been idle")

    def test_a_request_that_was_under_way_is_answered_by_the_old_colour(self):
        said = []
        slow = threading.Thread(target=lambda: said.append(self.get("/held")))
        slow.start()
        self.blue.held.wait()
        self.assertEqual(self.run_script("switch", "green")[0], 0)
        self.assertEqual((self.get(), said), ("green", []))
        self.blue.hold.set()
        slow.join()
        self.assertEqual(said, ["blue"])

    def test_a_colour_that_is_not_ready_gets_nothing(self):
        self.green.ready = False
        code, text = self.run_script("switch", "green", "--deadline", "1")
        self.assertEqual(code, 1)
        self.assertIn(f"http://{self.green.address}/health/ready is not ready after 1.0 s; the last answer: 503", text)
        self.assertEqual((self.get(), self.run_script("status")), ("blue", (0, "blue")))

    def test_a_colour_that_is_not_there_gets_nothing(self):
        self.green.end()
        code, text = self.run_script("switch", "green", "--deadline", "1")
        self.assertEqual((code, "Connection refused" in text), (1, True), text)
        self.assertEqual(self.get(), "blue")

    def test_it_goes_back_when_the_front_door_does_not_answer(self):
        code, text = self.run_script("switch", "green", "--deadline", "1", "--front", "http://127.0.0.1:1")
        self.assertEqual((code, "Gone back: blue takes the requests" in text), (1, True), text)
        self.assertEqual((self.get(), self.run_script("status")), ("blue", (0, "blue")))

    def test_the_colour_that_is_there_already_is_no_error(self):
        self.green.ready = False
        self.assertEqual(self.run_script("switch", "blue"), (0, "blue takes the requests already"))

    def test_what_another_changed_meanwhile_is_not_lost(self):
        admin = caddy.Admin(self.caddy.admin)
        config, etag = admin.config()
        admin.replace({**config, "logging": {"logs": {"default": {"level": "WARN"}}}}, etag)
        with self.assertRaisesRegex(caddy.Refused, "somebody else changed"):
            admin.replace(caddy.point(config, [self.blue.address], [self.green.address]), etag)
        self.assertEqual(admin.config()[0]["logging"]["logs"]["default"]["level"], "WARN")
        self.assertEqual(self.get(), "blue")

    def test_a_configuration_that_names_neither_colour_is_refused(self):
        before = self.run_script("status")
        self.blue.server_address = ("127.0.0.1", 1)
        code, text = self.run_script("switch", "green")
        self.assertEqual(before, (0, "blue"))
        self.assertEqual((code, "no reverse proxy sends requests to either" in text), (1, True), text)

    def test_an_admin_api_that_is_not_there_is_said(self):
        self.caddy.admin = "unix:/nowhere/admin.sock"
        code, text = self.run_script("status")
        self.assertEqual((code, "caddy's admin API at unix:/nowhere/admin.sock" in text), (1, True), text)

    def test_wrong_arguments_are_told(self):
        self.green = self.blue
        code, text = self.run_script("status")
        self.assertEqual((code, "--blue and --green each name processes" in text), (2, True), text)


class Configuration(unittest.TestCase):
    """What a switch makes of a configuration."""

    def test_only_what_went_to_the_old_colour_changes(self):
        proxy = lambda *upstreams: {"handler": "reverse_proxy", "upstreams": list(upstreams)}
        old = {"routes": [
            {"handle": [{"handler": "subroute", "routes": [{"handle": [proxy({"dial": "b1:1", "max_requests": 9}, {"dial": "b2:1"})]}]}]},
            {"handle": [proxy({"dial": "grafana:3000"})]},
            {"handle": [{"handler": "file_server"}]},
        ]}
        text = json.dumps(old)
        new = caddy.point(old, ["b1:1", "b2:1"], ["g1:1"])
        self.assertEqual(json.dumps(old), text)
        moved = new["routes"][0]["handle"][0]["routes"][0]["handle"][0]["upstreams"]
        self.assertEqual(moved, [{"dial": "g1:1", "max_requests": 9}])
        self.assertEqual(new["routes"][1:], old["routes"][1:])

    def test_half_of_each_colour_is_refused(self):
        both = {"handler": "reverse_proxy", "upstreams": [{"dial": "b:1"}, {"dial": "g:1"}]}
        with self.assertRaisesRegex(caddy.Refused, "both colours"):
            caddy.colour_of(both, {"blue": ["b:1"], "green": ["g:1"]})
        two = [{"handler": "reverse_proxy", "upstreams": [{"dial": dial}]} for dial in ("b:1", "g:1")]
        with self.assertRaisesRegex(caddy.Refused, "different reverse proxies"):
            caddy.colour_of(two, {"blue": ["b:1"], "green": ["g:1"]})


    def test_our_own_caddyfile_is_understood(self):
        file = FOLDER.parent / "caddy/Caddyfile"
        adapted = subprocess.run(["caddy", "adapt", "--config", str(file)], capture_output=True, check=True)
        config, colours = json.loads(adapted.stdout), {"blue": ["api:8080"], "green": ["api-green:8080"]}
        self.assertEqual(caddy.colour_of(config, colours), "blue")
        config = caddy.point(config, colours["blue"], colours["green"])
        self.assertEqual(caddy.colour_of(config, colours), "green")

    def test_a_name_that_is_looked_up_is_changed(self):
        old = {"handler": "reverse_proxy", "dynamic_upstreams": {"source": "a", "name": "blue", "port": "80", "refresh": 1}}
        new = caddy.point(old, ["blue:80"], ["green:81"])
        self.assertEqual(new["dynamic_upstreams"], {"source": "a", "name": "green", "port": "81", "refresh": 1})
        with self.assertRaisesRegex(caddy.Refused, "looks up one name"):
            caddy.point(old, ["blue:80"], ["green:81", "green:82"])


if __name__ == "__main__":
    own_network()
    unittest.main()
