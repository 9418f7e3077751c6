"""Twelve logins in an hour, one each five minutes: how many of them wait for the provider.

The hour is simulated: before each login, the times in the stored session are moved back by five
minutes, which is what waiting would have done to them. The provider's side does not age.
"""

import os
import time

import measuring
from world import Home, Simulator

STEP = 300
# What of a record is a time (Unix seconds).
TIMES = ("created", "renew-after", "renew-from", "expires")


def measure(context):
    section = measuring.Section("hour")
    with Simulator(context.programs, context.directory / "hour-simulator") as simulator:
        simulator.control("scenario", {"prime.exposure_delay_ms": 0})
        home = Home(context.programs, context.directory / "hour", simulator.environment, ttl=900)
        home.set_up()
        cold = 0
        for turn in range(12):
            if turn:
                _wait(home)
            before = _name(home)
            log = context.directory / "hour.log"
            words = home.ssh("fdpass", "-v", "-E", str(log), "sb1.prime", "true")
            log.unlink(missing_ok=True)
            section.add(f"login {turn + 1}", "s",
                        [measuring.seconds(words, env=home.environment)])
            # Cold where ssh has had to wait for another session than the one that was there.
            cold += before is None or f"/{before}/key" not in log.read_text()
            _settle(home)
    section.row("12 logins in a simulated hour, one each 5 minutes: cold ones", "1", str(cold),
                cold == 1)
    return section


def _name(home):
    try:
        return os.readlink(home.state / "sessions/sb1.prime/current")
    except FileNotFoundError:
        return None


def _wait(home):
    """Five minutes pass."""
    folder = home.state / "sessions/sb1.prime" / _name(home)
    record = folder / "record"
    lines = []
    for line in record.read_text().splitlines():
        name, _, value = line.partition(" ")
        lines.append(f"{name} {int(value) - STEP}" if name in TIMES else line)
    record.write_text("\n".join(lines) + "\n")
    # Not the record: an older one than config.toml has to be compared with it.
    for name in ("upkeep", "answered"):
        try:
            age = os.stat(folder / name).st_mtime - STEP
            os.utime(folder / name, (age, age))
        except FileNotFoundError:
            pass


def _settle(home):
    """What goes on behind ssh's back has ended: two seconds without another session."""
    begin, last = time.monotonic(), _name(home)
    while time.monotonic() - begin < 2:
        time.sleep(0.1)
        if _name(home) != last:
            begin, last = time.monotonic(), _name(home)
