"""The same logins over a line of 25 ms each way, and how many round trips they take."""

import os

import measuring
from slowline import Line, Tunnels, prepare_namespace
from world import Home, Simulator

EACH_WAY = 25
# For counting, where a busy machine's milliseconds must not look like a round trip.
EACH_WAY_COUNTING = 100


def measure(context):
    """Runs the inner half in a network namespace of its own, which ends with it."""
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        raise measuring.Missing("the slow line wants root and /dev/net/tun")
    return context.again("line", ["unshare", "--net", "--"])


def measure_inside(context):
    section = measuring.Section("line")
    prepare_namespace()
    line = Line(context, 0, EACH_WAY)
    try:
        counting = Line(context, 1, EACH_WAY_COUNTING)
        try:
            with Tunnels(context) as tunnels:
                _measure(context, section, tunnels, line, counting)
        finally:
            counting.end()
    finally:
        line.end()
    return section


def _measure(context, section, tunnels, line, counting):
    with Simulator(context.programs, context.directory / "line-simulator",
                   public_url=tunnels.url(0), port=tunnels.simulator_port) as simulator:
        # The gateway of the sandbox sb2 is another host than the API.
        simulator.control("scenario", {"prime.exposure_delay_ms": 0, "faults": [{
            "method": "POST", "path": "/sandbox/sb2/ssh-session$", "times": -1,
            "replace_fields": {"gateway_url": tunnels.url(1) + "/gateway"}}]})
        environment = simulator.environment | {"SSL_CERT_FILE": tunnels.authority}
        warm = Home(context.programs, context.directory / "line-warm", environment)
        cold = Home(context.programs, context.directory / "line-cold", environment)
        for home in (warm, cold):
            home.set_up()
        warm.sshproxy("prepare", "sb1.prime")
        warm.write_plain("sb1.prime")
        shared = Home(context.programs, context.directory / "m", environment, multiplex="10m")
        shared.set_up()
        _times(context, section, line, warm, cold)
        _shared(context, section, line, warm, shared)
        _round_trips(context, section, counting, warm, cold)


def _cold(home, way, alias):
    def action():
        home.wipe()
        if way == "prepare":
            return measuring.seconds(home.words("prepare", alias), env=home.environment)
        return home.time_ssh(way, alias)
    return action


def _times(context, section, line, warm, cold):
    with line:
        found = measuring.rounds(3 if context.quick else 15, {
            "plain ssh": lambda: warm.time_ssh("plain", "sb1.prime"),
            "warm ssh, fdpass": lambda: warm.time_ssh("fdpass", "sb1.prime"),
            "warm ssh, relay": lambda: warm.time_ssh("relay", "sb1.prime"),
            "cold ssh, fdpass": _cold(cold, "fdpass", "sb1.prime"),
            "cold ssh, relay": _cold(cold, "relay", "sb1.prime"),
        })
    over = {name: section.add(f"25 ms each way, {name}", "s", runs) for name, runs in found.items()}
    for way in ("fdpass", "relay"):
        section.close(f"warm `ssh alias true`, 25 ms line, {way}: plain ssh",
                      over[f"warm ssh, {way}"], over["plain ssh"], 1.05)
    for way in ("fdpass", "relay"):
        section.ratio(f"cold `ssh sb1.prime true`, 25 ms line, TLS, {way}: plain ssh",
                      over[f"cold ssh, {way}"], over["plain ssh"])


def _shared(context, section, line, warm, shared):
    """The second login through a connection that is there already."""
    with line:
        shared.time_ssh("fdpass", "sb1.prime")
        found = measuring.rounds(5 if context.quick else 15, {
            "plain": lambda: warm.time_ssh("default", "sb1.prime"),
            "shared": lambda: shared.time_ssh("fdpass", "sb1.prime"),
        })
    shared.sshproxy("close", "sb1.prime")
    section.ratio("second login through a shared connection, 25 ms line: plain ssh",
                  section.add("25 ms each way, shared connection", "s", found["shared"]),
                  section.add("25 ms each way, plain ssh beside it", "s", found["plain"]), 0.3)


def _round_trips(context, section, line, warm, cold):
    """What the line adds, in round trips. Noise only adds, so the fastest runs are compared."""
    hosts = {"one host (VM)": ("vm1.prime", 3), "gateway at the API's host": ("sb1.prime", 4),
             "gateway at another host": ("sb2.prime", 6)}
    actions = {"plain": lambda: warm.time_ssh("plain", "sb1.prime")}
    for what, (alias, _) in hosts.items():
        actions["prepare", what] = _cold(cold, "prepare", alias)
        if alias != "sb1.prime":
            actions["relay", what] = _cold(cold, "relay", alias)
            actions["fdpass", what] = _cold(cold, "fdpass", alias)
    near = measuring.rounds(3 if context.quick else 5, actions)
    with line:
        far = measuring.rounds(2 if context.quick else 3, actions, warm=0)
    trips = {name: (min(far[name]) - min(near[name])) / line.round_trip for name in actions}
    for name, count in trips.items():
        text = "plain ssh" if name == "plain" else f"cold {name[0]}, {name[1]}"
        section.add(f"round trips, {text}", "", [count])
    for what, (_, most) in hosts.items():
        _count(section, f"calls to the provider, {what}", most, trips["prepare", what])
    for what, (_, most) in hosts.items():
        for way in ("relay", "fdpass"):
            if (way, what) in trips:
                _count(section, f"whole ssh beyond plain ssh, {what}, {way}", most,
                       trips[way, what] - trips["plain"], HELD_BACK if way == "fdpass" else "")


HELD_BACK = (
    "a new session's socket is held back until the server has spoken, so ssh's banner leaves a "
    "round trip later than plain ssh's; that is the first-byte rule's price, once a session")


def _count(section, what, most, count, note=""):
    met = round(count) <= most
    section.row(f"cold, round trips: {what}", f"≤ {most}", f"{count:.2f}", met, note)
