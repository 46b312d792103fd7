#!/usr/bin/env python3
"""Moves caddy from one release of Wheelhouse to another, and back, without a failed request.

Two colours run side by side. Caddy sends every request to one of them; this script changes which, through caddy's admin API:

    bluegreen.py --blue 127.0.0.1:8081 --green 127.0.0.1:8082 status
    bluegreen.py --blue 127.0.0.1:8081 --green 127.0.0.1:8082 switch green --front https://wheelhouse.example.org
    bluegreen.py --blue 127.0.0.1:8081 --green 127.0.0.1:8082 switch blue       # back

`switch` asks each process of the new colour for /health/ready, several times in a row; replaces the whole configuration of caddy in
one step, and only if nobody else changed it meanwhile; asks through the front door, and goes back by itself when that fails. Once it
has ended, caddy sends nothing new to the old colour; what was under way is answered by it, and SIGTERM makes it finish that and end.
The script starts and stops no process, so that the way back is as short as the way there.

Exit status: 0 done, 1 refused or gone back (the old colour takes the requests), 2 wrong arguments.
"""

import argparse
import sys
import time

from caddy import Admin, Refused, ask, colour_of, point, processes

READY = "/health/ready"
# So often in a row must a process say that it is ready, and so many seconds lie between.
TIMES, BETWEEN = 3, 0.5


def wait_until_ready(bases, deadline_s):
    """Returns once each base address was ready several times in a row."""
    ends = time.monotonic() + deadline_s
    for base in bases:
        row = 0
        while row < TIMES:
            said = ask(base + READY)
            row = row + 1 if said == 200 else 0
            if row < TIMES:
                if time.monotonic() > ends:
                    raise Refused(f"{base}{READY} is not ready after {deadline_s} s; the last answer: {said}")
                time.sleep(BETWEEN)


def switch(admin, colours, to, options):
    """Brings caddy to the colour `to`."""
    config, etag = admin.config()
    now = colour_of(config, colours)
    if now == to:
        return f"{to} takes the requests already"
    old, new = colours[now], colours[to]
    wait_until_ready([base for address in new for base in processes(address)], options.deadline)
    admin.replace(point(config, old, new), etag)
    if options.front:
        try:
            wait_until_ready([options.front.rstrip("/")], options.deadline)
        except Refused as error:
            back, etag = admin.config()
            admin.replace(point(back, new, old), etag)
            raise Refused(f"{error}. Gone back: {now} takes the requests") from error
    return f"{to} takes the requests; {now} finishes what it has when it gets SIGTERM"


def arguments():
    """What was asked for."""
    parser = argparse.ArgumentParser(description="Moves caddy from one release to another without a failed request.")
    addresses = lambda text: [part.strip() for part in text.split(",") if part.strip()]
    for colour in ("blue", "green"):
        parser.add_argument(f"--{colour}", required=True, type=addresses, metavar="HOST:PORT[,…]",
                            help=f"the processes of {colour}, or a name that stands for them, as in caddy's configuration")
    parser.add_argument("--admin", default="http://127.0.0.1:2019", metavar="URL",
                        help="caddy's admin API: http://host:port, or unix:/path/of/its.sock [%(default)s]")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="say which colour takes the requests")
    change = commands.add_parser("switch", help="let a colour take the requests")
    change.add_argument("to", choices=("blue", "green"))
    change.add_argument("--front", metavar="URL", help="also ask here after the switch, and go back when it is not ready")
    change.add_argument("--deadline", type=float, default=60, metavar="S",
                        help="seconds that the new colour has to be ready [%(default)s]")
    options = parser.parse_args()
    if not options.blue or not options.green or set(options.blue) & set(options.green):
        parser.error("--blue and --green each name processes, and none of them twice")
    return options


def main():
    """The command."""
    options = arguments()
    colours = {"blue": options.blue, "green": options.green}
    try:
        admin = Admin(options.admin)
        if options.command == "status":
            said = colour_of(admin.config()[0], colours)
        else:
            said = switch(admin, colours, options.to, options)
    except Refused as error:
        print(f"bluegreen: {error}", file=sys.stderr)
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
