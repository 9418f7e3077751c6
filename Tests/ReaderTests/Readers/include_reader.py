"""Follows Include and takes a line of Match for no condition, as several parsers do: prints what each
host of the command line then gets from the user's configuration."""
import fnmatch
import glob
import pathlib
import sys

ssh = pathlib.Path.home() / ".ssh"


def lines(path):
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.strip().replace("=", " ", 1).split(None, 1)
        if not words or words[0].startswith("#"):
            continue
        if words[0].lower() == "include":
            for included in sorted(glob.glob(str(ssh / words[1].strip('"')))):
                yield from lines(included)
        else:
            yield words[0].lower(), words[1] if len(words) > 1 else ""


def settings(host):
    found, applies = {}, True
    for key, value in lines(ssh / "config"):
        if key == "host":
            patterns = value.replace('"', "").split()
            hit = any(fnmatch.fnmatchcase(host, p) for p in patterns if p[0] != "!")
            applies = hit and not any(fnmatch.fnmatchcase(host, p[1:]) for p in patterns if p[0] == "!")
        elif key != "match" and applies:
            found.setdefault(key, value)
    return found


for name in sys.argv[1:]:
    wanted = ("hostname", "user", "port", "identityfile", "proxycommand")
    print(name, *(f"{key}={settings(name).get(key)}" for key in wanted))
