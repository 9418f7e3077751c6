"""sshproxy's own SSH client: `exec` beside ssh; the jump route beside `ssh -W`, and beside a bare
client in C, which shows what libssh2 itself costs."""

import measuring
from world import Home, Simulator

WALL = (
    "nine tenths of the time in user mode are libssh2's and libcrypto's. Floor: the bare client in C "
    "(on libssh2 1.11, and with AES-GCM or ChaCha20 there, it is no faster)")
PEAK = (
    "while it starts, when it reads the configuration and logs in. Floor without a runtime or a "
    "configuration: the bare client in C")
STANDING = (
    "2 of 7 MB are libcrypto, 1.6 the C library and others, 1.4 buffers; the rest is code, of which "
    "the kernel maps sixteen pages wherever one is used (DESIGN.md). Floor: the bare client in C")


def measure(context):
    section = measuring.Section("client")
    with Simulator(context.programs, context.directory / "client-simulator") as simulator:
        simulator.control("scenario", {"prime.exposure_delay_ms": 0})
        home = Home(context.programs, context.directory / "client", simulator.environment)
        home.set_up()
        home.sshproxy("prepare", "sb1.prime")
        home.write_plain("sb1.prime")
        # The host is seen for the first time here, so that nothing is written while time is taken.
        measuring.run(home.ssh("plain", "sb1.prime", "true"), env=home.environment)
        _exec(context, section, home)
        _jump(context, section, home)
    return section


def _exec(context, section, home):
    words = home.words("exec", "sb1.prime", "--", "true")
    try:
        measuring.run(words, env=home.environment)
    except RuntimeError as error:
        section.row("`exec true`: plain ssh", "–", measuring.excuse(error), None)
        return
    found = measuring.rounds(5 if context.quick else 25, {
        "exec": lambda: measuring.seconds(words, env=home.environment),
        "plain": lambda: home.time_ssh("plain", "sb1.prime"),
    })
    section.ratio("warm `exec alias true`: plain `ssh host true`",
                  section.add("exec true", "s", found["exec"]),
                  section.add("plain ssh true", "s", found["plain"]), 0.9)


def _jump(context, section, home):
    port = measuring.free_port()
    size = (256 if context.quick else 1024) << 20
    commands = {
        "jump": home.words("connect", "--jump-to", f"127.0.0.1:{port}", "sb1.prime"),
        "ssh -W": home.ssh("plain", "-W", f"127.0.0.1:{port}", "sb1.prime"),
        "bare": _bare(context, home, port),
    }

    for direction, title in (("down", "from the far server"), ("up", "to the far server")):
        def once(command):
            # Where the API is decides whether a session may lead to this computer.
            return lambda: measuring.tool(
                context.programs.tools / "ends", direction, port, size, *command,
                more=home.environment)

        try:
            found = measuring.rounds(
                2 if context.quick else 5,
                {name: once(command) for name, command in commands.items()}, warm=0)
        except RuntimeError as error:
            section.row("jump route: `ssh -W`", "–", measuring.excuse(error), None)
            return
        _compare(section, f"{size >> 20} MiB {title}", found)


def _bare(context, home, port):
    """The command line of the bare client, with what ssh would use."""
    said = measuring.run(home.ssh("plain", "-G", "sb1.prime"), env=home.environment)
    options = dict(line.split(" ", 1) for line in reversed(said.splitlines()))
    return [context.programs.tools / "tunnel", options["hostname"], options["port"],
            options["user"], options["identityfile"], "127.0.0.1", port]


def _compare(section, amount, found):
    for title, unit, most, value, note in (
            ("wall time", "s", 1.25, lambda run: run["wall"], WALL),
            ("resident memory, peak", "KiB", 0.7, lambda run: run["resident"], PEAK),
            ("resident memory, streaming", "KiB", 0.7, lambda run: run["standing"], STANDING),
            ("CPU", "s", None, lambda run: run["user"] + run["system"], "")):
        jump, peer, bare = (
            section.add(f"jump of {amount}, {title}, {name}", unit, map(value, found[name]))
            for name in ("jump", "ssh -W", "bare"))
        section.ratio(f"jump route, {amount}, {title}: `ssh -W`", jump, peer, most, note=note)
        section.ratio(f"bare client in C, {amount}, {title}: `ssh -W`", bare, peer)
