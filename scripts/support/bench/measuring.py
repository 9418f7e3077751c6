"""Running things in turns, with a limit on everything, and their medians."""

import dataclasses
import json
import os
import signal
import socket
import statistics
import subprocess
import time


class Missing(Exception):
    """Something cannot be measured here; the text says why."""


@dataclasses.dataclass
class Series:
    """The runs of one thing."""

    name: str
    unit: str
    runs: list[float]

    @property
    def median(self):
        return statistics.median(self.runs)


@dataclasses.dataclass
class Row:
    """A figure of the report's table."""

    figure: str
    goal: str
    value: str
    met: bool | None
    note: str = ""


class Section:
    """What one part of the bench found: series to keep and rows to show."""

    def __init__(self, name):
        self.name = name
        self.series = []
        self.rows = []

    def add(self, name, unit, runs):
        series = Series(name, unit, [float(run) for run in runs])
        self.series.append(series)
        return series

    def ratio(self, figure, ours, theirs, most=None, least=None, note=""):
        """A row for ours / theirs, ratio of medians."""
        self._row(figure, ours.median / theirs.median, most, least, note)

    def close(self, figure, ours, theirs, most=None, least=None, note=""):
        """A row for two that hardly differ: the median of the rounds' own ratios, which a machine
        that is slower for a while does not move."""
        ratios = [one / other for one, other in zip(ours.runs, theirs.runs)]
        self._row(figure, statistics.median(ratios), most, least, note)

    def _row(self, figure, value, most, least, note):
        met = None
        goal = "–"
        if most is not None:
            met, goal = value <= most, f"≤ {most:g} ×"
        if least is not None:
            met, goal = value >= least, f"≥ {least:g} ×"
        text = f"{value:.2f} ×" if value >= 0.1 else f"{value:.3f} ×"
        self.row(figure, goal, text, met, note)

    def row(self, figure, goal, value, met, note=""):
        """`note` says what the floor is, and is shown where the goal is missed."""
        self.rows.append(Row(figure, goal, value, met, "" if met else note))

    def as_json(self):
        return dataclasses.asdict(_Plain(self.name, self.series, self.rows))

    @staticmethod
    def from_json(data):
        section = Section(data["name"])
        section.series = [Series(**one) for one in data["series"]]
        section.rows = [Row(**one) for one in data["rows"]]
        return section


@dataclasses.dataclass
class _Plain:
    name: str
    series: list[Series]
    rows: list[Row]


def rounds(runs, actions, warm=1, budget=60):
    """Calls every action `runs` times, interleaved; who begins changes from round to round.

    `actions` is a dictionary of functions that return a number (or a dictionary of them); a first
    round only warms the caches. On a slow machine the rounds end after `budget` seconds, but never
    before the third. Returns a list of results for each name.
    """
    names = list(actions)
    results = {name: [] for name in names}
    begin = time.monotonic()
    for turn in range(-warm, runs):
        if turn >= 3 and time.monotonic() - begin > budget:
            break
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            result = actions[name]()
            if turn >= 0:
                results[name].append(result)
    return results


def run(command, *, env=None, timeout=60, stdin=subprocess.DEVNULL, cwd=None, check=True):
    """Runs a command to its end, its whole group ended at the limit. Returns what it printed."""
    process = subprocess.Popen(
        command, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
        start_new_session=True, text=True,
    )
    try:
        output, errors = process.communicate(timeout=timeout)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise RuntimeError(f"no end after {timeout} s: {' '.join(command)}") from None
        raise
    if check and process.returncode != 0:
        raise RuntimeError(
            f"status {process.returncode}: {' '.join(command)}\n{errors.strip()[-2000:]}")
    return output


def seconds(command, **options):
    """The wall time of a command, in seconds."""
    begin = time.monotonic()
    run(command, **options)
    return time.monotonic() - begin


def tool(path, *words, timeout=320, more=None):
    """One of the helpers in C: what it printed, as JSON. What it starts sees no variable of the
    caller's, but those of `more`."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C"} | (more or {})
    return json.loads(run([str(path), *map(str, words)], timeout=timeout, env=environment))


def excuse(error):
    """Why a figure is missing, short enough for a table."""
    text = " ".join(str(error).split()).replace("|", "/")
    return f"not measured: {text[-160:]}"


def free_port():
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(question, what, limit=20):
    """Asks until there is an answer."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.02)
    raise RuntimeError(f"{what}: not within {limit} s")


def counted(process, field, file="smaps_rollup"):
    """A number of /proc/PROCESS/FILE, of memory in KiB; 0 when the process is gone."""
    try:
        with open(f"/proc/{process}/{file}") as lines:
            for line in lines:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0
