"""From the start of a process to the server's first byte, with a stored session."""

import measuring
from world import Home


def measure(context):
    section = measuring.Section("start")
    programs = context.programs
    port = measuring.free_port()
    home = Home(programs, context.directory / "start", hosts=[("bench", port)])
    home.sshproxy("prepare", "bench")
    python = programs.vendor("prime-0.18.0", "python")
    fast = {
        "connect": ["byte", *home.words("connect", "bench")],
        "nc": ["byte", "nc", "127.0.0.1", str(port)],
        "C splice loop": ["byte", str(programs.tools / "splice"), str(port)],
        "connect --fdpass": ["pass", *home.words("connect", "--fdpass", "bench")],
        "prepare": ["exit", *home.words("prepare", "bench")],
        "ssh -V": ["exit", "ssh", "-V"],
        "true": ["exit", "true"],
    }
    proxy = [python, "-m", "prime_cli.ssh_proxy", "127.0.0.1", str(port), "session"]
    slow = {"connect": fast["connect"], "prime 0.18.0 proxy": ["byte", *proxy]}
    quick = _in_turns(context, port, fast, 60 if context.quick else 300)
    lame = _in_turns(context, port, slow, 3 if context.quick else 10)
    found = {name: section.add(f"start, {name}", "ms", runs) for name, runs in quick.items()}
    vendor = section.add("start, prime 0.18.0 proxy", "ms", lame["prime 0.18.0 proxy"])
    beside = section.add("start, connect beside it", "ms", lame["connect"])
    section.ratio("start to first byte, warm `connect`: nc", found["connect"], found["nc"], 1.2)
    section.ratio("start to first byte, warm `connect`: `ssh -V`", found["connect"],
                  found["ssh -V"], 0.4)
    section.ratio("start to first byte, warm `connect`: the vendor's Python proxy", beside, vendor,
                  0.03)
    section.ratio("start to the passed socket, `connect --fdpass`: nc", found["connect --fdpass"],
                  found["nc"])
    section.ratio("warm `prepare`: `true`", found["prepare"], found["true"])
    return section


def _in_turns(context, port, commands, runs):
    words = []
    for command in commands.values():
        words += ["--", *command]
    results = measuring.tool(context.programs.tools / "first-byte", runs, port, *words)
    return dict(zip(commands, results))
