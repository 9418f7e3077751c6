#!/usr/bin/env python3
"""Runs a command on a machine through paramiko: paramiko_run.py ALIAS COMMAND

paramiko reads neither `Include` nor `Match exec` as ssh does, so it is told what ssh would have
found there: `sshproxy resolve` names the session's login and the folder with its key, and
`ProxyCommand` connects. Needs no `sshproxy setup`. paramiko cannot check a host certificate, so a
machine of Dedalus is refused: asyncssh_run.py shows a client that can.
"""

import json
import os
import subprocess
import sys

import paramiko


def connect(alias):
    answer = subprocess.run(
        ["sshproxy", "resolve", "--create", "--json", alias],
        check=True,
        stdout=subprocess.PIPE,
    )
    session = json.loads(answer.stdout)["session"]
    if session["host_trust"] == "authority":
        sys.exit(f"{alias}: paramiko cannot check the host's certificate; asyncssh can")
    own = session["identity"] == "own"

    client = paramiko.SSHClient()
    if own:
        # Your key, your known hosts: the name there is `host`, or `[host]:port`.
        client.load_system_host_keys()
    else:
        client.load_host_keys(os.path.join(session["directory"], "known_hosts"))
        if session["host_trust"] == "trust_on_first_use":
            # Nobody names the host's key: the first one seen counts for the session's life.
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())

    client.connect(
        session["host"],
        port=session["port"],
        username=session["login"],
        key_filename=None if own else os.path.join(session["directory"], "key"),
        look_for_keys=own,
        allow_agent=own,
        sock=paramiko.ProxyCommand(f"sshproxy connect {alias}"),
    )
    return client


def main():
    alias, command = sys.argv[1], " ".join(sys.argv[2:])
    with connect(alias) as client:
        _, output, errors = client.exec_command(command)
        sys.stdout.write(output.read().decode())
        sys.stderr.write(errors.read().decode())
        return output.channel.recv_exit_status()


if __name__ == "__main__":
    sys.exit(main())
