"""Writes the command reference and the manual pages: what the program says of itself
(--experimental-dump-help) together with docs/manual.toml. Called by scripts/manual."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

program, mode = sys.argv[1:3]
# The program refuses a configuration that others can write.
os.umask(0o077)
root = pathlib.Path(__file__).resolve().parents[2]
extra = tomllib.loads((root / "docs/manual.toml").read_text())
rows = subprocess.run([program, "list", "--vendors"], capture_output=True, check=True)
vendors = json.loads(rows.stdout)["vendors"]
help_text = subprocess.run([program, "--experimental-dump-help"], capture_output=True, check=True)
top = json.loads(help_text.stdout)["command"]
commands = [c for c in top["subcommands"] if c["shouldDisplay"] and c["commandName"] != "help"]


def fill(value, words):
    if isinstance(value, dict):
        return {k: fill(v, words) for k, v in value.items()}
    return re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], m[0]), value)


def vendor_table(vendor, first):
    """The table of one vendor: the keys that all have, with its own between them."""
    table = {}
    for key, text in extra["config"]["VENDOR"].items():
        if vendor["account"] and key in ("api_key", "api_key_command", "base_url"):
            continue
        default = re.search(r" ?(Default: `\{\w+\}`\.)", text)
        if vendor is not first and key != "about":
            text = default[1] if default else f"As for {first['title']}."
        if key == "suffix":
            table.update({o["name"]: o["about"] for o in vendor["options"]})
        table[key] = fill(text, vendor)
    return table


def add_vendors():
    """What the program's own list of vendors says goes into the texts of manual.toml."""
    def named(entries):
        return {e["name"]: e["about"] for e in entries}

    first = vendors[0]
    listing = [f"`{v['name']}`" for v in vendors if v["has_list"]]
    words = {
        "first": first["title"], "first_name": first["name"],
        "listing": ", ".join(listing[:-1]) + " or " + listing[-1],
        "providers": ", ".join(f"`{v['name']}`" for v in vendors),
    }
    tables = {v["name"]: vendor_table(v, first) for v in vendors}
    del extra["config"]["VENDOR"]
    extra["config"] = tables | fill(extra["config"], words)
    environment = {}
    for vendor in vendors:
        environment |= named(vendor["environment"])
        extra["json"]["list"] |= named(vendor["list"])
    extra["environment"] = environment | extra["environment"]
    extra["json"] = fill(extra["json"], words)


def known_keys():
    """The keys that the program takes in each table, by what it says of one that it does not."""
    unknown = "no-such-key-at-all"
    names = [v["name"] for v in vendors]
    hosts = [f'provider = "{p}"' for p in names + ["static", "command"]]
    cases = [(f"[{t}]", t) for t in names + ["connection"]]
    cases += [("[providers.x]", "providers.NAME")]
    cases += [(f"[hosts.x]\n{line}", "hosts.NAME") for line in hosts]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for text, table in [("", "")] + cases:
            config = pathlib.Path(folder, "config.toml")
            config.write_text(f"{text}\n{unknown} = 1\n")
            words = [program, "--home", folder, "--config", folder, "resolve", f"a.{vendors[0]['suffix']}"]
            said = subprocess.run(words, capture_output=True, text=True).stderr
            keys = re.search(r"known are ([a-z_, ]+)", said)
            if not keys:
                sys.exit(f"manual: the program does not name the keys of [{table}]: {said}")
            found.setdefault(table, set()).update(keys[1].split(", "))
    found.pop("")
    return found


def check_keys():
    documented = {t: set(keys) - {"about"} for t, keys in extra["config"].items()}
    known = known_keys()
    if documented != known:
        for table in sorted(documented | known):
            odd = documented.get(table, set()) ^ known.get(table, set())
            if odd:
                print(f"manual: [{table}] of docs/manual.toml differs in {sorted(odd)}")
        sys.exit(1)


def spelling(argument, is_synopsis=False):
    value = f"<{argument['valueName']}>"
    if argument["kind"] == "positional":
        text = value + (" ..." if argument["isRepeating"] else "")
        if argument["parsingStrategy"] == "postTerminator":
            return f"-- {text}"
    else:
        names = [("--" if n["kind"] == "long" else "-") + n["name"] for n in argument["names"]]
        names = names[-1:] if is_synopsis else names
        text = ", ".join(names) + (f" {value}" if argument["kind"] == "option" else "")
    return f"[{text}]" if is_synopsis and argument["isOptional"] else text


def shown(command):
    hidden = ("help", "version")
    return [
        a for a in command.get("arguments", [])
        if a["shouldDisplay"] and a["valueName"] not in hidden and a.get("abstract")
    ]


def general_options():
    rows = [(spelling(a), a["abstract"]) for a in shown(top)]
    rows.append(("-h, --help", "Show help, behind a command for that command."))
    rows.append(("--version", "Show the version, the bare number."))
    rows.append(("--generate-completion-script <shell>", "Print completions for bash, zsh or fish."))
    return rows


def synopsis(command):
    parts = [spelling(a, True) for a in shown(command)]
    return " ".join(["sshproxy", command["commandName"]] + parts)


def parts(command):
    """The paragraphs of the discussion, and the example."""
    paragraphs, example = [], ""
    for paragraph in command.get("discussion", "").split("\n\n"):
        if paragraph.startswith("Example: "):
            example = paragraph.removeprefix("Example: ")
        elif paragraph:
            paragraphs.append(" ".join(paragraph.split()))
    if not example:
        sys.exit(f"manual: {command['commandName']} has no example")
    return paragraphs, example


# Markdown

def table(rows, first, second):
    lines = [f"| {first} | {second} |", "|---|---|"]
    return "\n".join(lines + [f"| {a} | {b} |".replace("\n", " ") for a, b in rows]) + "\n"


def code(text):
    return "`" + text.replace("|", "\\|") + "`"


def markdown():
    out = ["# Commands", "", "Written by `scripts/manual` from the program's own help.", ""]
    out += ["```", "sshproxy <alias> [<port>]    # the same as connect"]
    out += [synopsis(c) for c in commands] + ["```", "", "In front of each command, or instead of one:", ""]
    out.append(table([(code(a), b) for a, b in general_options()], "option", "meaning"))
    for command in commands:
        name = command["commandName"]
        paragraphs, example = parts(command)
        out += [f"## {name}", "", f"`{synopsis(command)}`", "", command["abstract"], ""]
        for paragraph in paragraphs:
            out += [paragraph, ""]
        out += ["```", example, "```", ""]
        rows = [(code(spelling(a)), a["abstract"]) for a in shown(command)]
        if rows:
            out.append(table(rows, "word", "meaning"))
        if name in extra["json"]:
            out += ["With `--json`, all fields being there always:", ""]
            fields = extra["json"][name].items()
            out.append(table([(code(k), v) for k, v in fields], "field", "meaning"))
    out += ["## Exit status", ""]
    out.append(table(extra["statuses"].items(), "status", "meaning"))
    out += ["`ssh` and `exec` pass on the remote status, 255 for a connection that failed.", ""]
    out += ["## Environment", ""]
    out.append(table([(code(k), v) for k, v in extra["environment"].items()], "variable", "meaning"))
    out += ["## Files", ""]
    out.append(table([(code(k), v) for k, v in extra["files"].items()], "file", "meaning"))
    out += ["## Notes", ""]
    out.append(table(extra["notes"].items(), "about", "note"))
    out += ["# Configuration", "", "`~/.config/sshproxy/config.toml`, in TOML.", ""]
    for name, keys in extra["config"].items():
        out += [f"## [{name}]", "", keys["about"], ""]
        rows = [(code(k), v) for k, v in keys.items() if k != "about"]
        out.append(table(rows, "key", "meaning"))
    return "\n".join(out).rstrip("\n") + "\n"


# man(7)

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "\\[u2026]")
    # As man(7) has it: a line that begins with one of these would be a request.
    text = re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)
    return re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)


def page(name, section, summary, body):
    head = f'.\\" Written by scripts/manual.\n.TH {name.upper()} {section} "" "sshproxy" "sshproxy manual"\n'
    return head + f".SH NAME\n{roff(name)} \\- {roff(summary)}\n" + body


def items(rows):
    return "".join(f".TP\n.B {roff(a)}\n{roff(b)}\n" for a, b in rows)


def paragraphs_of(texts):
    return "".join(f".PP\n{roff(t)}\n" for t in texts)


def summary_of(text):
    return text[:1].lower() + text[1:].rstrip(".")


def command_page(command):
    paragraphs, example = parts(command)
    name = command["commandName"]
    body = f".SH SYNOPSIS\n{roff(synopsis(command))}\n.SH DESCRIPTION\n"
    body += paragraphs_of([command["abstract"]] + paragraphs)
    rows = [(spelling(a), a["abstract"]) for a in shown(command)]
    if rows:
        body += ".SH OPTIONS\n" + items(rows)
    if name in extra["json"]:
        body += ".SH JSON\n.PP\nAll fields are there always.\n" + items(extra["json"][name].items())
    body += f".SH EXAMPLES\n.nf\n{roff(example)}\n.fi\n"
    body += ".SH SEE ALSO\n.BR sshproxy (1),\n.BR sshproxy\\-config (5),\n.BR ssh (1)\n"
    return page(f"sshproxy-{name}", 1, summary_of(command["abstract"]), body)


def main_page():
    paragraphs, example = parts(top)
    body = ".SH SYNOPSIS\nsshproxy [options] <command> ...\n.br\nsshproxy <alias> [<port>]\n"
    body += ".SH DESCRIPTION\n" + paragraphs_of([extra["text"]["description"]] + paragraphs)
    body += ".SH COMMANDS\n" + items([(c["commandName"], c["abstract"]) for c in commands])
    body += ".SH OPTIONS\n" + items(general_options())
    body += ".SH EXIT STATUS\n" + items(extra["statuses"].items())
    body += ".SH ENVIRONMENT\n" + items(extra["environment"].items())
    body += ".SH FILES\n" + items(extra["files"].items())
    body += ".SH NOTES\n" + items(extra["notes"].items())
    body += f".SH EXAMPLES\n.nf\n{roff(example)}\n.fi\n.SH SEE ALSO\n"
    names = [f"sshproxy\\-{c['commandName']} (1)" for c in commands]
    body += ",\n".join(f".BR {n}" for n in names + ["sshproxy\\-config (5)", "ssh_config (5)"]) + "\n"
    return page("sshproxy", 1, summary_of(extra["text"]["synopsis"]), body)


def configuration_page():
    body = ".SH SYNOPSIS\n~/.config/sshproxy/config.toml\n.SH DESCRIPTION\n.PP\n"
    body += roff(
        "A file in TOML. All of it may be left out. A key that is not known is an error that names "
        "its line. Values come from the command line, then the environment, then this file.\n")
    for name, keys in extra["config"].items():
        body += f".SH [{roff(name)}]\n{roff(keys['about'])}\n"
        body += items([(k, v) for k, v in keys.items() if k != "about"])
    body += ".SH EXAMPLES\n.nf\n[prime]\n"
    body += roff('api_key_command = "op read op://work/prime/key"\n\n')
    body += roff('[hosts.train]\nprovider = "dedalus"\nid = "dm-abc"\n') + ".fi\n"
    body += ".SH SEE ALSO\n.BR sshproxy (1)\n"
    return page("sshproxy-config", 5, "configuration of sshproxy", body)


add_vendors()
check_keys()
files = {"docs/commands.md": markdown(), "docs/man/sshproxy.1": main_page()}
files["docs/man/sshproxy-config.5"] = configuration_page()
for each in commands:
    files[f"docs/man/sshproxy-{each['commandName']}.1"] = command_page(each)

if mode == "print":
    print("\n".join(files.values()))
    sys.exit()
present = {str(p.relative_to(root)) for p in (root / "docs/man").glob("*")}
stale = sorted(present - set(files))
differing = [
    name for name, text in files.items()
    if not (root / name).exists() or (root / name).read_text() != text
]
if mode == "check":
    for name in differing + stale:
        print(f"manual: {name} is not as the program has it: run scripts/manual", file=sys.stderr)
    sys.exit(1 if differing or stale else 0)
for name in stale:
    (root / name).unlink()
for name in differing:
    (root / name).write_text(files[name])
    print(f"wrote {name}")
