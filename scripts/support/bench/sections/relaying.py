"""What a GiB costs a relay, each way: CPU, wall time, memory."""

import measuring
from world import Home


def measure(context):
    section = measuring.Section("relay")
    programs = context.programs
    port = measuring.free_port()
    home = Home(programs, context.directory / "relay", hosts=[("bench", port)])
    home.sshproxy("prepare", "bench")
    mebibytes = 512 if context.quick else 1024
    commands = {
        "sshproxy": home.words("connect", "bench"),
        "C splice loop": [str(programs.tools / "splice"), str(port)],
        "socat": ["socat", "-", f"TCP:127.0.0.1:{port}"],
        "nc": ["nc", "127.0.0.1", str(port)],
        "ncat": ["ncat", "127.0.0.1", str(port)],
        "prime 0.18.0": [
            programs.vendor("prime-0.18.0", "python"), "-m", "prime_cli.ssh_proxy", "127.0.0.1",
            str(port), "session"],
    }
    for direction, title in (("down", "socket to pipe"), ("up", "pipe to socket")):
        def one(command, direction=direction):
            return lambda: measuring.tool(
                programs.tools / "ends", direction, port, mebibytes << 20, *command)

        found = measuring.rounds(
            2 if context.quick else 9, {name: one(words) for name, words in commands.items()},
            warm=0)
        # The two differ by little: more runs, without the slow ones in between.
        close = {name: one(commands[name]) for name in ("sshproxy", "C splice loop")}
        pair = measuring.rounds(5 if context.quick else 25, close, warm=0, budget=30)
        _rows(section, title, found, mebibytes / 1024)
        _pair(section, title, pair, mebibytes / 1024)
    return section


def _pair(section, title, found, gibibytes):
    ours, theirs = (
        section.add(f"{title}, CPU per GiB, {name} of the pair", "s",
                    [(run["user"] + run["system"]) / gibibytes for run in found[name]])
        for name in ("sshproxy", "C splice loop"))
    section.ratio(f"relay CPU per GiB, {title}: bare C splice loop", ours, theirs, 1.25)


def _rows(section, title, found, gibibytes):
    cpu, wall, resident, dirty = {}, {}, {}, {}
    for name, runs in found.items():
        cpu[name] = section.add(
            f"{title}, CPU per GiB, {name}", "s",
            [(run["user"] + run["system"]) / gibibytes for run in runs])
        wall[name] = section.add(
            f"{title}, wall per GiB, {name}", "s", [run["wall"] / gibibytes for run in runs])
        resident[name] = section.add(
            f"{title}, resident, {name}", "KiB", [run["resident"] for run in runs])
        dirty[name] = section.add(
            f"{title}, private dirty, {name}", "KiB", [run["dirty"] for run in runs])
    down = title == "socket to pipe"
    ours = "sshproxy"
    section.ratio(
        f"relay CPU per GiB, {title}: socat", cpu[ours], cpu["socat"], 0.15 if down else 0.45)
    section.ratio(
        f"relay wall per GiB, {title}: socat", wall[ours], wall["socat"], 0.35 if down else 0.7)
    section.ratio(
        f"relay wall per GiB, {title}: nc", wall[ours], wall["nc"], 0.5 if down else 0.85)
    section.ratio(f"relay memory, {title}, resident: socat", resident[ours], resident["socat"], 1.0)
    section.ratio(
        f"relay memory, {title}, resident: the vendor's Python proxy", resident[ours],
        resident["prime 0.18.0"], 0.3)
    section.row(
        f"relay memory, {title}, private dirty", "≤ 1024 KiB", f"{dirty[ours].median:.0f} KiB",
        dirty[ours].median <= 1024)
