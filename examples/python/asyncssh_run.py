#!/usr/bin/env python3
"""Runs a command on several machines at once through asyncssh: asyncssh_run.py COMMAND ALIAS…

What ssh would have found in its configuration comes from `sshproxy resolve`: the session's login,
the folder with its key, certificate and known hosts. Needs no `sshproxy setup`.
"""

import asyncio
import json
import os
import sys

import asyncssh


async def resolve(alias):
    process = await asyncio.create_subprocess_exec(
        "sshproxy", "resolve", "--create", "--json", alias, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit(process.returncode)
    return json.loads(output)["session"]


class FirstSight(asyncssh.SSHClient):
    """Nobody names the host's key: the first one seen counts for the session's life."""

    def __init__(self, session, known_hosts):
        self.name = f"[{session['host']}]:{session['port']}"
        self.known_hosts = known_hosts

    def validate_host_public_key(self, host, addr, port, key):
        # Called for a key that known hosts does not have.
        if os.path.getsize(self.known_hosts) > 0:
            return False
        with open(self.known_hosts, "a") as file:
            file.write(f"{self.name} {key.export_public_key().decode()}")
        return True


def options(session):
    """What logs in, and which hosts are trusted."""
    if session["identity"] == "own":
        return {}
    folder = session["directory"]
    key = os.path.join(folder, "key")
    known_hosts = os.path.join(folder, "known_hosts")
    result = {"client_keys": [key], "agent_path": None, "known_hosts": known_hosts}
    if session["identity"] == "certificate":
        result["client_keys"] = [(key, os.path.join(folder, "certificate"))]
    if session["host_trust"] == "trust_on_first_use":
        result["client_factory"] = lambda: FirstSight(session, known_hosts)
    return result


async def run(alias, command):
    session = await resolve(alias)
    async with asyncssh.connect(
        session["host"],
        session["port"],
        username=session["login"] or (),
        proxy_command=f"sshproxy connect {alias}",
        config=None,
        **options(session),
    ) as connection:
        return await connection.run(command)


async def main():
    command, aliases = sys.argv[1], sys.argv[2:]
    results = await asyncio.gather(*(run(alias, command) for alias in aliases))
    for alias, result in zip(aliases, results):
        sys.stdout.write(f"{alias}: {result.stdout}")
        sys.stderr.write(result.stderr)
    return max(result.exit_status for result in results)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
