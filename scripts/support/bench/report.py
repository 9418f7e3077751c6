"""The table, on the terminal and as BENCHMARKS.md."""

import os
import platform
import re
import subprocess

WORDS = {True: "met", False: "missed", None: ""}


def table(sections):
    """Lines of Markdown: figure, goal, measured, met or missed."""
    lines = ["| figure | goal | measured | |", "|---|---|---|---|"]
    for section in sections:
        for row in section.rows:
            lines.append(f"| {row.figure} | {row.goal} | {row.value} | {WORDS[row.met]} |")
    return lines


def notes(sections):
    return [f"- {row.figure}: {row.note}." for section in sections for row in section.rows
            if row.note]


def raw(sections):
    lines = ["| what | median | least | most | runs |", "|---|---|---|---|---|"]
    for section in sections:
        for series in section.series:
            numbers = [_number(value) for value in (
                series.median, min(series.runs), max(series.runs))]
            unit = f" {series.unit}" if series.unit else ""
            lines.append(f"| {series.name} | {numbers[0]}{unit} | {numbers[1]} | {numbers[2]} "
                         f"| {len(series.runs)} |")
    return lines


def _number(value):
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def write(path, sections, versions, quick):
    how = "scripts/bench --quick" if quick else "scripts/bench"
    text = [
        "# Benchmarks", "",
        f"Made by `{how}`, which builds everything, installs the peers, runs them and this program "
        "in turns on one machine, and writes this file. Ratios are ratios of medians of one run (where "
        "two hardly differ, of warm ssh and bulk, the median of the rounds' own ratios); absolute "
        "figures are this machine's.", "",
        *table(sections), "", *(notes(sections) or []), "",
        "## Machine and versions", "", *machine(), *versions, "",
        "## Raw medians", "", *raw(sections), ""]
    cleaned = re.sub(r"\n{3,}", "\n\n", "\n".join(text))
    with open(path, "w") as file:
        file.write(cleaned)


def machine():
    model = "unknown"
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as lines:
        memory = int(lines.readline().split()[1]) >> 20
    return [f"- {os.cpu_count()} × {model}, {memory} GiB, load at the end "
            f"{os.getloadavg()[0]:.1f}",
            f"- {platform.system()} {platform.release()}, {_distribution()}"]


def _distribution():
    with open("/etc/os-release") as lines:
        for line in lines:
            if line.startswith("PRETTY_NAME="):
                return line.split("=", 1)[1].strip().strip('"')
    return "unknown distribution"


def versions(programs):
    """A line for each program that was measured."""
    def first_line(words):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return next((line for line in done.stdout.splitlines() if line.strip()), "?")

    def package(name):
        return first_line(["dpkg-query", "--show", "--showformat=${Version}", name])

    swift = first_line(["swift", "--version"])
    found = re.search(r"Swift version [0-9.]+", swift)
    lines = [f"- sshproxy {first_line([programs.sshproxy, '--version'])}, "
             f"{found.group(0) if found else swift}", f"- {first_line(['ssh', '-V'])}"]
    lines += [f"- {name} {package(name)}" for name in
              ("socat", "netcat-openbsd", "ncat", "stunnel4", "libcurl4", "libssl3", "libssh2-1")]
    return lines + [
        "- prime 0.18.0, tensorpool 0.0.9; history: prime 0.6.10 (prime-sandboxes 0.2.25), the last whose "
        "clients had the token flow (dropped with 0.7.0)"]
