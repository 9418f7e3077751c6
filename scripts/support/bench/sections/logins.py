"""A whole `ssh ALIAS true`, warm and cold, beside plain ssh and the vendors' clients."""

import tempfile

import measuring
from world import Home, Simulator


def measure(context):
    section = measuring.Section("ssh")
    with Simulator(context.programs, context.directory / "ssh-simulator") as simulator:
        # The gateway opens at once: its delay would be the same for everybody.
        simulator.control("scenario", {"prime.exposure_delay_ms": 0})
        home = Home(context.programs, context.directory / "ssh", simulator.environment)
        home.set_up()
        home.sshproxy("prepare", "sb1.prime")
        home.write_plain("sb1.prime")
        _warm(context, section, home)
        _cold(context, section, home)
        _vendors(context, section, home, simulator)
    return section


def _warm(context, section, home):
    found = measuring.rounds(5 if context.quick else 25, {
        way: lambda way=way: home.time_ssh(way, "sb1.prime") for way in ("plain", "fdpass", "relay")
    })
    plain = section.add("warm ssh, plain", "s", found["plain"])
    for way in ("fdpass", "relay"):
        ours = section.add(f"warm ssh, {way}", "s", found[way])
        section.close(f"warm `ssh alias true`, loopback, {way}: plain ssh", ours, plain, 1.05)


def _cold(context, section, home):
    keeper = Home(
        context.programs, context.directory / "ssh-cold",
        {name: value for name, value in home.environment.items() if name != "HOME"})
    keeper.set_up()

    def cold(way):
        keeper.wipe()
        return keeper.time_ssh(way, "sb1.prime")

    found = measuring.rounds(5 if context.quick else 15, {
        "plain": lambda: home.time_ssh("plain", "sb1.prime"),
        "fdpass": lambda: cold("fdpass"),
        "relay": lambda: cold("relay"),
    })
    plain = section.add("cold ssh, plain beside it", "s", found["plain"])
    for way in ("fdpass", "relay"):
        ours = section.add(f"cold ssh, {way}", "s", found[way])
        section.ratio(f"cold `ssh sb1.prime true`, {way}: plain ssh", ours, plain, 1.2)


def _vendors(context, section, home, simulator):
    """The clients' own cold logins: they know no warm ones."""
    def client(environment, program, *words):
        def action():
            with tempfile.TemporaryDirectory(dir=context.directory) as empty:
                return measuring.seconds(
                    [context.programs.vendor(environment, program), *words],
                    env=home.environment | {"HOME": empty}, cwd=empty)
        return action

    def ours(alias, *words):
        def action():
            home.wipe()
            return measuring.seconds(home.ssh("fdpass", *words, alias, "true"), env=home.environment)
        return action

    found = measuring.rounds(1 if context.quick else 5, {
        "sb1": ours("sb1.prime"),
        "0.6.10": client("prime-0.6.10", "prime", "sandbox", "ssh", "sb1", "--", "true"),
        "vm1": ours("vm1.prime"),
        "0.18.0": client("prime-0.18.0", "prime", "sandbox", "ssh", "vm1", "--", "true"),
    }, warm=0)
    # The token flow's client is history: the headlines compare with the newest.
    for name, our, theirs, least, note in (
            ("prime 0.18.0", "vm1", "0.18.0", 3, ""),
            ("prime 0.6.10", "sb1", "0.6.10", 15, ", which is history")):
        ssh = section.add(f"cold ssh {our}.prime beside {name}", "s", found[our])
        vendor = section.add(f"cold {name}", "s", found[theirs])
        value = vendor.median / ssh.median
        section.row(f"cold `ssh {our}.prime true`: times faster than {name}{note}", f"≥ {least} ×",
                    f"{value:.1f} ×", value >= least)
    _tensorpool(context, section, simulator, client, ours)


def _tensorpool(context, section, simulator, client, ours):
    """The provider's whole command stands on ssh's own command line: the vendor's client runs it,
    ours takes what it trusts of it."""
    trusting = ["-i", simulator.user_key, "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    for_tp = f"ssh -p {{port}} {' '.join(trusting)} {{login}}@{{host}}"
    for_us = "ssh -p {port} {login}@{host}"

    def answered(command, action):
        def run():
            simulator.control("scenario", {"tensorpool.command": command})
            return action()
        return run

    found = measuring.rounds(3 if context.quick else 9, {
        "ours": answered(for_us, ours("node1.tensorpool", *trusting)),
        "tp": answered(for_tp, client("tensorpool", "tp", "ssh", "node1", "true")),
    }, warm=0)
    value = section.add("cold tp ssh", "s", found["tp"]).median / section.add(
        "cold ssh node1.tensorpool", "s", found["ours"]).median
    section.row("cold `ssh node1.tensorpool true`: times faster than tp 0.0.9", "–",
                f"{value:.1f} ×", None)
