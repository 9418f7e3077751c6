"""What each ssh pays as sessions pile up: 1, 10, 100 and 1,000 in the store."""

import measuring
from world import Home, Simulator


def measure(context):
    section = measuring.Section("growth")
    sizes = (1, 10, 100) if context.quick else (1, 10, 100, 1000)
    with Simulator(context.programs, context.directory / "growth-simulator") as simulator:
        simulator.control("scenario", {"prime.exposure_delay_ms": 0})
        homes = {}
        for size in sizes:
            home = Home(
                context.programs, context.directory / f"growth-{size}", simulator.environment)
            home.set_up()
            _fill(home, size)
            homes[size] = home
        _measure(context, section, homes)
        _measure_others(context, section, simulator)
        _cold(context, section, homes)
    return section


def _fill(home, size):
    """Makes so many sessions. Each new one is written beside all that are there, so they are made
    in small batches, which are put together before the last one."""
    aside = home.path / "aside"
    aside.mkdir()
    sessions = home.state / "sessions"
    for index in range(1, size):
        home.sshproxy("prepare", f"sb{index}.prime")
        if index % 25 == 0:
            for folder in sessions.iterdir():
                folder.rename(aside / folder.name)
    if size > 1:
        for folder in aside.iterdir():
            folder.rename(sessions / folder.name)
    home.sshproxy("prepare", f"sb{size}.prime")


def _measure(context, section, homes):
    runs = 20 if context.quick else 60
    found = {}
    for what in ("prepare", "ssh -G alias", "ssh -G other"):
        words = []
        for home in homes.values():
            command = {
                "prepare": home.words("prepare", "sb1.prime"),
                "ssh -G alias": home.ssh("fdpass", "-G", "sb1.prime"),
                "ssh -G other": home.ssh("fdpass", "-G", "other.example"),
            }[what]
            words += ["--", "exit", *command]
        results = measuring.tool(
            context.programs.tools / "first-byte", runs, measuring.free_port(), *words)
        for size, times in zip(homes, results):
            found[what, size] = section.add(f"{what}, {size} sessions", "ms", times)
    least, most = min(homes), max(homes)
    section.ratio(f"warm `prepare`, {most} sessions stored: with one", found["prepare", most],
                  found["prepare", least], 1.1)
    section.ratio(f"`ssh -G` for an unrelated host, {most} sessions stored: with one",
                  found["ssh -G other", most], found["ssh -G other", least], 2.5,
                  note="ssh parses every line of an Include even for a host that the Match "
                       "excludes: a session is 13 lines in two files")
    section.ratio(f"`ssh -G` for an alias, {most} sessions stored: with one",
                  found["ssh -G alias", most], found["ssh -G alias", least])


def _measure_others(context, section, simulator):
    """What `setup`'s lines and files cost a host that is none of ours."""
    homes = {}
    for size, names in ((0, 0), (100, 40)):
        home = Home(context.programs, context.directory / f"others-{size}", simulator.environment)
        folder = home.path / ".config/sshproxy"
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        (folder / "config.toml").write_text("".join(
            f'[hosts.name{index}]\nprovider = "static"\nhost = "h"\n' for index in range(names)))
        home.set_up()
        if size:
            _fill(home, size)
        homes[size] = home
    words = []
    for home in homes.values():
        words += ["--", "exit", *home.ssh("fdpass", "-G", "other.example")]
    results = measuring.tool(
        context.programs.tools / "first-byte", 40 if context.quick else 200,
        measuring.free_port(), *words)
    none, many = (section.add(f"ssh -G other, {size} sessions and names", "ms", times)
                  for size, times in zip(homes, results))
    section.ratio("`ssh -G` for an unrelated host, 100 sessions and 40 names: with none", many, none,
                  1.2)


def _cold(context, section, homes):
    """A new session beside the others: the generated configuration is written anew."""
    fresh = iter(range(5001, 9999))

    def one(home):
        return lambda: measuring.seconds(
            home.words("prepare", f"sb{next(fresh)}.prime"), env=home.environment)

    found = measuring.rounds(3 if context.quick else 7, {
        size: one(home) for size, home in homes.items()})
    series = {size: section.add(f"cold prepare, {size} sessions", "s", times)
              for size, times in found.items()}
    section.ratio(f"cold `prepare`, {max(homes)} sessions stored: with one", series[max(homes)],
                  series[min(homes)])
