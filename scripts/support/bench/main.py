"""Runs the sections of the bench and writes what they found; scripts/bench calls this."""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import measuring
import report
from sections import bulk, crowd, growth, hour, inside, line, load, logins, relaying, starting
from world import Programs

SECTIONS = {
    "relay": relaying.measure,
    "start": starting.measure,
    "ssh": logins.measure,
    "line": line.measure,
    "crowd": crowd.measure,
    "bulk": bulk.measure,
    "load": load.measure,
    "growth": growth.measure,
    "hour": hour.measure,
    "client": inside.measure,
}


class Context:
    """What every section needs."""

    def __init__(self, words, directory):
        self.words = words
        self.quick = words.quick
        self.directory = pathlib.Path(directory)
        self.programs = Programs(words.prefix, words.simulator, words.tools, words.environments)

    def again(self, name, prefix):
        """Runs a section's inner half in a process that `prefix` starts, with a limit."""
        answer = self.directory / f"{name}.json"
        command = [*prefix, sys.executable, *sys.argv, "--inside", name, "--answer", str(answer)]
        process = subprocess.Popen(command, start_new_session=True)
        try:
            status = process.wait(timeout=400)
        except BaseException as error:
            # It ends what it started; the simulator's lifeline and the line's parent do the rest.
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise RuntimeError(f"{name} does not end") from None
            raise
        if status != 0:
            raise RuntimeError(f"{name} ended with {status}")
        return measuring.Section.from_json(json.loads(answer.read_text()))


def main():
    words = arguments()
    unknown = set(words.sections) - set(SECTIONS)
    if unknown:
        sys.exit(f"bench: no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    # A terminal's hang-up and kill(1) end the bench as ctrl-c does: every `finally` is run.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    with tempfile.TemporaryDirectory(prefix="sshproxy-bench-") as directory:
        context = Context(words, directory)
        if words.inside:
            section = line.measure_inside(context)
            pathlib.Path(words.answer).write_text(json.dumps(section.as_json()))
            return
        failed = run(context, [name for name in SECTIONS if name in words.sections
                               or not words.sections])
    sys.exit(1 if failed else 0)


def run(context, names):
    found, failed = [], []
    for name in names:
        begin = time.monotonic()
        print(f"bench: {name} …", file=sys.stderr, flush=True)
        try:
            found.append(SECTIONS[name](context))
        except measuring.Missing as error:
            missing = measuring.Section(name)
            missing.row(name, "–", f"not measured: {error}", None)
            found.append(missing)
        except (RuntimeError, OSError, ValueError) as error:
            failed.append(name)
            print(f"bench: {name} failed: {error}", file=sys.stderr)
        print(f"bench: {name} took {time.monotonic() - begin:.0f} s", file=sys.stderr)
    print("\n".join(report.table(found)))
    print("\n".join(report.notes(found)))
    if context.words.output:
        report.write(context.words.output, found, report.versions(context.programs), context.quick)
    return failed


def arguments():
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--prefix", required=True, help="where sshproxy is installed")
    parser.add_argument("--simulator", required=True, help="the built provider-simulator")
    parser.add_argument("--tools", required=True, help="the folder of the built C helpers")
    parser.add_argument("--environments", required=True, help="the vendors' virtual environments")
    parser.add_argument("--output", help="the Markdown file to write")
    parser.add_argument("--quick", action="store_true", help="fewer runs, smaller amounts")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    return parser.parse_args()


if __name__ == "__main__":
    main()
