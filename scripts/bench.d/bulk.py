"""1 GiB through a real ssh: direct, relayed, and over a passed socket."""

import measuring
from world import Home, Simulator


def measure(context):
    section = measuring.Section("bulk")
    size = (256 if context.quick else 1024) << 20
    with Simulator(context.programs, context.directory / "bulk-simulator") as simulator:
        simulator.control("scenario", {"prime.exposure_delay_ms": 0})
        home = Home(context.programs, context.directory / "bulk", simulator.environment)
        home.set_up()
        home.sshproxy("prepare", "sb1.prime")
        home.write_plain("sb1.prime")
        for direction, title in (("down", "from the server"), ("up", "to the server")):
            def once(way, direction=direction):
                ssh = " ".join(home.ssh(way, "sb1.prime"))
                zeros = f"head -c {size} /dev/zero"
                script = (f"{ssh} '{zeros}' >/dev/null" if direction == "down"
                          else f"{zeros} | {ssh} 'cat >/dev/null'")
                return measuring.seconds(["bash", "-c", script], env=home.environment, timeout=120)

            found = measuring.rounds(2 if context.quick else 7, {
                way: lambda way=way: once(way) for way in ("plain", "fdpass", "relay")}, warm=0)
            plain = section.add(f"bulk {title}, direct", "s", found["plain"])
            for way in ("fdpass", "relay"):
                ours = section.add(f"bulk {title}, {way}", "s", found[way])
                value = plain.median / ours.median
                section.row(f"{size >> 20} MiB over real ssh {title}, {way}: speed of direct",
                            "≥ 0.97 ×", f"{value:.2f} ×", value >= 0.97)
    return section
