"""The simulator, a home with sessions in it, and ssh configurations for each way to connect."""

import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

import measuring


class Programs:
    """Where everything that is run lies."""

    def __init__(self, prefix, simulator, tools, environments):
        self.sshproxy = f"{prefix}/bin/sshproxy"
        self.simulator = simulator
        self.tools = pathlib.Path(tools)
        self.environments = pathlib.Path(environments)

    def vendor(self, environment, program):
        return str(self.environments / environment / "bin" / program)


class Simulator:
    """provider-simulator for as long as the `with` lasts; its children end with it."""

    def __init__(self, programs, directory, public_url=None, port=None):
        self.directory = pathlib.Path(directory)
        words = [programs.simulator, "--lifeline", "--directory", str(directory)]
        if public_url:
            words += ["--public-url", public_url]
        if port:
            words += ["--port", str(port)]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the simulator did not start")
        said = json.loads(line)
        self.url = said["url"]
        self.environment = said["environment"]
        self.user_key = said["user_key"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def control(self, what, change):
        request = urllib.request.Request(
            f"{self.url}/_simulator/{what}", data=json.dumps(change).encode(), method="POST")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, timeout=30) as answer:
            answer.read()


class Home:
    """A home directory of one's own: configuration, sessions, ssh's files."""

    def __init__(self, programs, directory, environment=None, hosts=(), multiplex=None,
                 ttl=3600):
        self.programs = programs
        self.path = pathlib.Path(directory)
        (self.path / ".config/sshproxy").mkdir(parents=True, mode=0o700)
        (self.path / ".ssh").mkdir(mode=0o700)
        self.path.chmod(0o700)
        text = f"[prime]\nttl = {ttl}\n"
        if multiplex:
            text += f'\n[connection]\nmultiplex = "{multiplex}"\n'
        for name, port in hosts:
            text += f'\n[hosts.{name}]\nprovider = "static"\nhost = "127.0.0.1"\nport = {port}\n'
        (self.path / ".config/sshproxy/config.toml").write_text(text)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
        self.environment = kept | {"HOME": str(self.path)} | (environment or {})
        self.state = self.path / ".local/state/sshproxy"

    def words(self, *words):
        """A command line of sshproxy that finds this home whatever the environment."""
        return [self.programs.sshproxy, "--home", str(self.path), *words]

    def sshproxy(self, *words, timeout=60):
        return measuring.run(self.words(*words), env=self.environment, timeout=timeout)

    def wipe(self):
        """No session on this machine any more."""
        shutil.rmtree(self.state, ignore_errors=True)

    def record(self, alias, field):
        """All values of a field of the stored session's record."""
        lines = (self.state / "sessions" / alias / "current" / "record").read_text().splitlines()
        return [line.split(" ", 1)[1] for line in lines if line.startswith(field + " ")]

    def set_up(self):
        """ssh configurations: `fdpass` and `relay` by `sshproxy setup`."""
        for way in ("fdpass", "relay"):
            folder = self.path / ".ssh" / way
            folder.mkdir(mode=0o700)
            (folder / "config").touch(mode=0o600)
            more = ["--no-fdpass"] if way == "relay" else []
            self.sshproxy("setup", "--ssh-config", str(folder / "config"), *more)

    def write_plain(self, alias):
        """The configuration `plain`: the same server, login, key and known hosts, no sshproxy."""
        block = (self.state / "ssh_config").read_text()
        wanted, inside = [], False
        for line in block.splitlines():
            if line.startswith(("Match", "Host ")):
                inside = alias in line.split()[-1]
            elif inside and line.strip() and not line.strip().startswith("ProxyCommand"):
                wanted.append(line)
        host, port = self.record(alias, "address")[0].split()
        folder = self.path / ".ssh/plain"
        folder.mkdir(mode=0o700, exist_ok=True)
        head = f"Host {alias}\n    HostName {host}\n    Port {port}\n"
        (folder / "config").write_text(head + "\n".join(wanted) + "\n")
        # ssh as it would be without our block's choices.
        folder = self.path / ".ssh/default"
        folder.mkdir(mode=0o700, exist_ok=True)
        chosen = ("Ciphers", "Control")
        usual = [line for line in wanted if not line.strip().startswith(chosen)]
        (folder / "config").write_text(head + "\n".join(usual) + "\n")

    def ssh(self, way, *words):
        return ["ssh", "-F", str(self.path / ".ssh" / way / "config"), "-o", "BatchMode=yes", *words]

    def time_ssh(self, way, alias, *command, timeout=60):
        command = command or ("true",)
        return measuring.seconds(
            self.ssh(way, alias, *command), env=self.environment, timeout=timeout)
