"""Opens connections by the hundred and the thousand, and says what they cost and what they leave.

Run by scripts/load, which prepares the home directory and the providers.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request

passed = []
failures = []
# For the bench: series of (name, unit, runs), and rows of (figure, goal, value, met).
found = {"series": [], "rows": []}


def complain(text):
    failures.append(text)
    print(f"FAILED  {text}", flush=True)


def control(name, body=None):
    data = None if body is None else body.encode()
    with urllib.request.urlopen(f"{words.url}/_simulator/{name}", data) as answer:
        return json.load(answer)


def sessions_made():
    made = r"POST .*(/ssh-session|/machines/[^/]*/ssh)$|GET /ssh/"
    return sum(bool(re.search(made, f"{r['method']} {r['path']}")) for r in control("requests"))


class Connection:
    """`sshproxy connect` as ssh runs it by a plain ProxyCommand: two pipes."""

    def __init__(self, alias):
        self.alias = alias
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [words.sshproxy, "connect", alias],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def banner(self):
        """Waits for the server's first line; says what it was and how long it took, in ms."""
        line = self.process.stdout.readline()
        return line, (time.monotonic() - self.begin) * 1000

    def size(self):
        return size_of(self.process.pid)

    def end(self):
        """Ends as ssh does: no more input, and what the server still says is read."""
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "none within 20 s"
        said = self.process.stderr.read().decode(errors="replace").strip()
        self.process.stderr.close()
        return status, said


def size_of(process):
    """Resident memory in KB, and open descriptors."""
    try:
        with open(f"/proc/{process}/status") as status:
            resident = re.search(r"VmRSS:\s*(\d+)", status.read())
        return int(resident[1]), len(os.listdir(f"/proc/{process}/fd"))
    except (OSError, TypeError):
        return 0, 0


class Held:
    """A login through a relay that stays, with `cat` at the other end."""

    def __init__(self, alias):
        self.ssh = subprocess.Popen(
            ["ssh", "-F", f"{words.home}/config", "-o", "ProxyUseFdpass=no",
             "-o", f"ProxyCommand='{words.sshproxy}' connect {alias}", alias, "cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.echo(1)
        children = f"/proc/{self.ssh.pid}/task/{self.ssh.pid}/children"
        with open(children) as numbers:
            self.relay = int(numbers.read().split()[0])

    def echo(self, megabytes):
        """Sends so much and gets the same back."""
        sent = os.urandom(1 << 20)
        for _ in range(megabytes):
            writer = threading.Thread(target=self.write, args=(sent,))
            writer.start()
            heard = self.ssh.stdout.read(len(sent))
            writer.join()
            if heard != sent:
                complain("a relay that was there all along gives other bytes back")

    def write(self, data):
        self.ssh.stdin.write(data)
        self.ssh.stdin.flush()

    def end(self):
        self.ssh.stdin.close()
        if self.ssh.wait(20) != 0:
            complain("a relay that was there all along does not end well")
        self.ssh.stdout.close()


def check(connection, line):
    status, said = connection.end()
    if not line.startswith(b"SSH-2.0-") or status != 0 or said:
        complain(f"{connection.alias}: banner {line!r}, status {status}: {said}")
    else:
        passed.append(connection.alias)


def spread(values):
    values = sorted(values)
    at = lambda part: values[min(len(values) - 1, int(part * len(values)))]
    return f"median {at(0.5):.0f} ms, 99 of 100 within {at(0.99):.0f} ms, worst {values[-1]:.0f} ms"


def plural(count):
    return "1 session made" if count == 1 else f"{count} sessions made"


def measured(title, work, *arguments, sessions=0):
    """Does it, and says how long each connection took to its first byte, how many failed and how
    many sessions were made."""
    failed, made, begin = len(failures), sessions_made(), time.monotonic()
    taken = work(*arguments)
    took = time.monotonic() - begin
    made = sessions_made() - made
    if made != sessions:
        complain(f"{title}: {plural(made)}, not {sessions}")
    value = f"{len(failures) - failed} failures, {plural(made)}; {spread(taken)}"
    found["series"].append((title, "ms", taken))
    found["rows"].append(
        (title, f"0 failures, {plural(sessions)}", value, len(failures) == failed))
    print(f"{title}: {took:.1f} s in all, {value}", flush=True)


def at_once(aliases):
    """All at once, all open together, then all ended."""
    opened = [Connection(alias) for alias in aliases]
    heard = [None] * len(opened)

    def hear(place):
        heard[place] = opened[place].banner()

    threads = [threading.Thread(target=hear, args=(place,)) for place in range(len(opened))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sizes = [connection.size() for connection in opened]
    for connection, (line, _) in zip(opened, heard):
        check(connection, line)
    print(
        f"  each relay at most {max(size[0] for size in sizes)} KB resident and "
        f"{max(size[1] for size in sizes)} descriptors", flush=True)
    return [milliseconds for _, milliseconds in heard]


def one_by_one(alias, count):
    taken = []
    for _ in range(count):
        connection = Connection(alias)
        line, milliseconds = connection.banner()
        taken.append(milliseconds)
        check(connection, line)
        if len(failures) > 20:
            break
    return taken


def by_ssh(alias, count):
    taken = []
    for number in range(count):
        start = time.monotonic()
        ended = subprocess.run(
            ["ssh", "-F", f"{words.home}/config", alias, f"echo {number}"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        taken.append((time.monotonic() - start) * 1000)
        if ended.stdout.decode().strip() != str(number) or ended.returncode != 0:
            complain(f"ssh {alias}: status {ended.returncode}: {ended.stderr.decode().strip()}")
        else:
            passed.append(alias)
    return taken


def files():
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(os.path.join(words.home, ".local"))
        for name in names)


def processes():
    """Our programs with this home; those that are just ending get time for it."""
    mark = f"HOME={words.home}\0".encode()
    end = time.monotonic() + 10
    while True:
        left = []
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{number}/exe").rsplit("/", 1)[-1].startswith("sshproxy"):
                    with open(f"/proc/{number}/environ", "rb") as variables:
                        if mark in variables.read():
                            left.append(number)
            except OSError:
                pass
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.1)


def expect(title, before, after):
    if before != after:
        complain(f"{title}: {before} before, {after} after")


def main():
    alias = "sb1.prime"
    measured("300 at once through one alias, cold", at_once, [alias] * 300, sessions=1)
    measured("300 at once through one alias, warm", at_once, [alias] * 300)
    aliases = [f"sb{n}.prime" for n in range(200, 234)]
    aliases += [f"dm-m{n}.dedalus" for n in range(200, 233)]
    aliases += [f"node{n}.tensorpool" for n in range(200, 233)]
    measured("100 aliases at once, cold", at_once, aliases, sessions=100)
    expect("processes of ours", [], processes())

    # A relay that lives through all that follows.
    held = Held(alias)
    held.echo(16)
    # What is made once is made before anything is counted.
    one_by_one(alias, 20)
    by_ssh(alias, 1)
    left, size, own = files(), size_of(held.relay), len(os.listdir("/proc/self/fd"))
    rest = max(0, words.row - words.ssh)
    measured(f"{rest} in a row", one_by_one, alias, rest)
    measured(f"{words.ssh} in a row by ssh, to the end of `echo`", by_ssh, alias, words.ssh)
    leaks = len(failures)
    expect("files of the state", left, files())
    held.echo(64)
    grown, open_now = size_of(held.relay)
    expect("descriptors of a relay that was there all along", size[1], open_now)
    # What the allocator keeps or gives back is less than that.
    if grown > size[0] + 256:
        complain(f"a relay that was there all along grew from {size[0]} to {grown} KB")
    expect("descriptors of this program", own, len(os.listdir("/proc/self/fd")))
    held.end()
    expect("processes of ours", [], processes())
    leaks = len(failures) - leaks
    print(
        f"left behind: no process, no descriptor; {len(left)} files of the state before and after; "
        f"a relay that was there all along, 81 MB there and back: {size[0]} KB before, {grown} after, {open_now} descriptors"
        if not failures else "something was left behind or failed")
    found["rows"].append((
        "left behind by all these: processes, descriptors, files", "0", f"{leaks}", leaks == 0))
    found["rows"].append((
        "memory of a relay that was there all along, 81 MiB through it and back",
        "≤ 256 KiB more", f"{grown - size[0]} KiB more", grown <= size[0] + 256))
    if words.json:
        with open(words.json, "w") as file:
            json.dump(found, file)
    print(f"{len(passed)} passed, {len(failures)} failed")
    return 1 if failures else 0


arguments = argparse.ArgumentParser()
arguments.add_argument("--row", type=int, default=5000)
arguments.add_argument("--ssh", type=int, default=100)
arguments.add_argument("--json", help="a file for the figures")
arguments.add_argument("sshproxy")
arguments.add_argument("home")
arguments.add_argument("url")
words = arguments.parse_args()
sys.exit(main())
