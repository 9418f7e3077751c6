"""Connections by the hundred and the thousand, as scripts/load opens them."""

import json
import os
import pathlib

import measuring

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "load"


def measure(context):
    answer = context.directory / "load.json"
    environment = dict(
        os.environ, SSHPROXY_PREFIX=context.words.prefix,
        PROVIDER_SIMULATOR=context.programs.simulator)
    few = ["--row", "500", "--ssh", "20"] if context.quick else []
    measuring.run([str(SCRIPT), "--json", str(answer), *few], env=environment, timeout=900)
    found = json.loads(answer.read_text())
    section = measuring.Section("load")
    for name, unit, runs in found["series"]:
        section.add(name, unit, runs)
    for figure, goal, value, met in found["rows"]:
        section.row(figure, goal, value, met)
    return section
