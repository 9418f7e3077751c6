"""paramiko_reader.py config HOST…: what paramiko makes of the user's configuration for each host.
paramiko_reader.py login FILE HOST: logs in as FILE says, and prints $USER there."""
import pathlib
import sys

import paramiko

ssh = pathlib.Path.home() / ".ssh"
verb, *words = sys.argv[1:]
if verb == "config":
    config = paramiko.SSHConfig.from_path(ssh / "config")
    for host in words:
        said = config.lookup(host)
        keys = ("hostname", "user", "port", "identityfile", "proxycommand")
        print(host, *(f"{key}={said.get(key)}" for key in keys))
else:
    said = paramiko.SSHConfig.from_path(words[0]).lookup(words[1])
    identity = said.get("identityfile", [str(ssh / "id_ed25519")])[0]
    key = paramiko.Ed25519Key.from_private_key_file(identity)
    if "certificatefile" in said:
        key.load_certificate(said["certificatefile"])
    client = paramiko.SSHClient()
    # It does not know the certificates of hosts; what is trusted is not what this is about.
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    proxy = paramiko.ProxyCommand(said["proxycommand"]) if "proxycommand" in said else None
    client.connect(
        said["hostname"], port=int(said.get("port", 22)), username=said["user"], pkey=key,
        sock=proxy, look_for_keys=False, allow_agent=False, timeout=20)
    print(client.exec_command("echo $USER")[1].read().decode(), end="")
    client.close()
