"""Packs a bundle (scripts/support/bundle) as a wheel, the file that pip, uv and pipx install.

Usage: wheel.py BUNDLE OUTPUT

`bin` goes to the wheel's scripts, all else to its data, which lands in the environment's prefix: so
the programs find each other as they do everywhere. The platform tag is what the files ask for.
"""

import base64
import hashlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import time
import zipfile

bundle, output = map(pathlib.Path, sys.argv[1:3])
root = pathlib.Path(__file__).resolve().parent.parent.parent
version = subprocess.check_output([bundle / "bin/sshproxy", "--version"], text=True).strip()
name = f"sshproxy-{version}"


def needed_glibc():
    """The newest minor version of glibc's symbols in any of the files (PEP 600)."""
    files = [file for file in bundle.rglob("*") if file.is_file()]
    versions = [17]
    for file in files:
        if file.read_bytes()[:4] != b"\x7fELF":
            continue
        said = subprocess.check_output(["readelf", "--version-info", "-W", file], text=True)
        versions += [int(minor) for minor in re.findall(r"\bGLIBC_2\.(\d+)", said)]
    return max(versions)


tag = f"py3-none-manylinux_2_{needed_glibc()}_{platform.machine()}"
information = f"{name}.dist-info"
readme = (root / "README.md").read_text()
contents = {}
for file in sorted(bundle.rglob("*")):
    if not file.is_file():
        continue
    place = file.relative_to(bundle)
    where = "scripts" if place.parts[0] == "bin" else "data"
    inside = pathlib.Path(*place.parts[1:]) if where == "scripts" else place
    contents[f"{name}.data/{where}/{inside}"] = (file.read_bytes(), os.access(file, os.X_OK))
contents[f"{information}/licenses/LICENSE"] = ((root / "LICENSE").read_bytes(), False)
contents[f"{information}/METADATA"] = (
    f"""Metadata-Version: 2.4
Name: sshproxy
Version: {version}
Summary: Plain ssh to GPU clouds and AI sandboxes
License-Expression: Apache-2.0
License-File: LICENSE
Requires-Python: >=3.8
Description-Content-Type: text/markdown

{readme}""".encode(),
    False,
)
contents[f"{information}/WHEEL"] = (
    f"Wheel-Version: 1.0\nGenerator: sshproxy\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    False,
)


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


record = [f"{path},sha256={digest(data)},{len(data)}\n" for path, (data, _) in contents.items()]
record.append(f"{information}/RECORD,,\n")
contents[f"{information}/RECORD"] = ("".join(record).encode(), False)

moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))[:6]
wheel = output / f"{name}-{tag}.whl"
with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path, (data, is_program) in contents.items():
        entry = zipfile.ZipInfo(path, moment)
        entry.external_attr = (0o100755 if is_program else 0o100644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, data)
print(f"built {wheel}")
