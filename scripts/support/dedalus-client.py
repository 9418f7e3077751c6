"""Logs in to a Dedalus machine with what the vendor's own SDK (dedalus-sdk) answers.

usage: dedalus-client.py MACHINE ed25519|ecdsa DIRECTORY

Ends with status 0 when real ssh, trusting the session's host authority alone, printed the login
that the session names, and the closed session no longer lets it in.
"""

import pathlib
import subprocess
import sys
import time

from dedalus_sdk import Dedalus

machine, key_type, directory = sys.argv[1:]
work = pathlib.Path(directory)
key = work / "key"
subprocess.run(
    ["ssh-keygen", "-q", "-t", key_type, "-N", "", "-C", "", "-f", str(key)], check=True
)

client = Dedalus()
session = client.machines.ssh.create(
    machine_id=machine, public_key=key.with_suffix(".pub").read_text().strip()
)
deadline = time.monotonic() + 60
while session.status in ("wake_in_progress", "ssh_in_progress"):
    assert time.monotonic() < deadline, "the machine did not wake"
    time.sleep((session.retry_after_ms or 500) / 1000)
    session = client.machines.ssh.retrieve(machine_id=machine, session_id=session.session_id)
assert session.status == "ready", session

connection = session.connection
trust = connection.host_trust
assert trust.kind == "cert_authority", trust
(work / "key-cert.pub").write_text(connection.user_certificate + "\n")
pattern = f"{trust.host_pattern},[{trust.host_pattern}]:{connection.port}"
(work / "known_hosts").write_text(f"@cert-authority {pattern} {trust.public_key}\n")


def login():
    options = [
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={work}/known_hosts",
        "GlobalKnownHostsFile=/dev/null",
        "IdentitiesOnly=yes",
        f"CertificateFile={work}/key-cert.pub",
        "BatchMode=yes",
    ]
    words = ["ssh", "-F", "none", "-i", str(key), "-p", str(connection.port)]
    for option in options:
        words += ["-o", option]
    destination = f"{connection.ssh_username}@{connection.endpoint}"
    return subprocess.run(
        words + [destination, "echo $USER"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


result = login()
assert result.returncode == 0, result.stderr
assert result.stdout == connection.ssh_username + "\n", result.stdout
closed = client.machines.ssh.delete(machine_id=machine, session_id=session.session_id)
assert closed.status == "closed", closed
assert login().returncode == 255, "the closed session still lets in"
