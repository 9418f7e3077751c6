"""1 GiB through a real ssh: direct, relayed, and over a passed socket."""

import shlex

import measuring
from world import Home, Simulator

FLOORS = {
    "fdpass": "nothing of this program runs by then, so what differs is the machine's noise",
    "relay": "the floor is the C splice loop's figure in this table: ssh and sshd fill the cores, "
             "and whatever stands between them takes its wake-ups, one for each of sshd's packets, "
             "from them",
}


def measure(context):
    section = measuring.Section("bulk")
    size = (256 if context.quick else 1024) << 20
    with Simulator(context.programs, context.directory / "bulk-simulator") as simulator:
        simulator.control("scenario", {"prime.exposure_delay_ms": 0})
        home = Home(context.programs, context.directory / "bulk", simulator.environment)
        home.set_up()
        home.sshproxy("prepare", "sb1.prime")
        home.write_plain("sb1.prime")
        port = home.record("sb1.prime", "address")[0].split()[1]
        # What any relay costs here.
        floor = f"ProxyCommand={context.programs.tools / 'splice'} {port}"
        options = {"default ciphers": ("default",), "direct": ("plain",), "fdpass": ("fdpass",), "relay": ("relay",),
                   "C splice loop": ("plain", "-o", floor)}
        for direction, title in (("down", "from the server"), ("up", "to the server")):
            def once(way, direction=direction):
                ssh = shlex.join(home.ssh(*options[way], "sb1.prime"))
                zeros = f"head -c {size} /dev/zero"
                script = (f"{ssh} '{zeros}' >/dev/null" if direction == "down"
                          else f"{zeros} | {ssh} 'cat >/dev/null'")
                return measuring.seconds(["bash", "-c", script], env=home.environment, timeout=120)

            found = measuring.rounds(3 if context.quick else 9, {
                way: lambda way=way: once(way) for way in options}, warm=0, budget=100)
            series = {way: section.add(f"{size >> 20} MiB {title}, {way}", "s", runs)
                      for way, runs in found.items()}
            section.close(f"{size >> 20} MiB {title} over an alias: time of plain ssh with its "
                          "default ciphers", series["fdpass"], series["default ciphers"], most=0.8)
            for way, least in (("fdpass", 0.97), ("relay", 0.97), ("C splice loop", None)):
                # Speeds, so the times the other way round.
                section.close(f"{size >> 20} MiB over real ssh {title}, {way}: speed of direct",
                              series["direct"], series[way], least=least, note=FLOORS.get(way, ""))
    return section
