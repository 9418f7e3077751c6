"""asyncssh_reader.py config HOST…: what asyncssh makes of the user's configuration for each host.
asyncssh_reader.py login FILE HOST: logs in as FILE says, and prints $USER there."""
import asyncio
import pathlib
import sys

import asyncssh

KEYS = ("Hostname", "User", "Port", "IdentityFile", "ProxyCommand")


def show(host):
    file = pathlib.Path.home() / ".ssh/config"
    said = asyncssh.SSHClientConnectionOptions(host=host, config=[file]).config
    print(host, *(f"{key}={said.get(key)}" for key in KEYS))


async def login(file, host):
    # It has no trust on first use; what is trusted is not what this is about.
    options = {"config": [file], "known_hosts": None, "login_timeout": 20}
    async with asyncssh.connect(host, **options) as connection:
        print((await connection.run("echo $USER")).stdout, end="")


verb, *words = sys.argv[1:]
if verb == "config":
    for word in words:
        show(word)
else:
    asyncio.run(login(*words))
