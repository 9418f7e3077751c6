"""A long line for everything on 127.0.0.1, and TLS in front of the simulator.

The line is a TUN device in a network namespace of its own: whatever goes to 127.0.0.1 goes out
through it and comes back so many milliseconds later, TCP's and TLS's handshakes included. Only what
stunnel says to the simulator, from 127.0.0.9, stays off the line.
"""

import shutil
import socket
import subprocess

import measuring


def _ip(*words):
    measuring.run(["ip", *words])


def prepare_namespace():
    """Loopback traffic is looked up in tables of ours before it counts as local."""
    _ip("link", "set", "lo", "up")
    _ip("rule", "add", "pref", "6", "from", "127.0.0.9", "lookup", "local")
    _ip("rule", "add", "pref", "7", "to", "127.0.0.9", "lookup", "local")
    _ip("rule", "add", "pref", "20", "lookup", "local")
    _ip("rule", "del", "pref", "0")
    _allow("all")


def _allow(interface):
    for switch, value in (("route_localnet", 1), ("accept_local", 1), ("rp_filter", 0)):
        with open(f"/proc/sys/net/ipv4/conf/{interface}/{switch}", "w") as file:
            file.write(str(value))


class Line:
    """One line; traffic takes it while `on`."""

    def __init__(self, context, number, each_way):
        self.device = f"line{number}"
        self.table = str(100 + number)
        self.round_trip = 2 * each_way / 1000
        self.process = subprocess.Popen(
            [str(context.programs.tools / "line"), self.device, str(each_way)],
            stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            self.process.wait()
            raise measuring.Missing("no TUN device can be made")
        _ip("link", "set", self.device, "up")
        _allow(self.device)
        _ip("rule", "add", "pref", "5", "iif", self.device, "lookup", "local")
        _ip("route", "add", "127.0.0.1/32", "dev", self.device, "src", "127.0.0.1",
            "table", self.table)

    def __enter__(self):
        _ip("rule", "add", "pref", "10", "to", "127.0.0.1", "lookup", self.table)
        return self

    def __exit__(self, *_):
        _ip("rule", "del", "pref", "10")

    def end(self):
        self.process.kill()
        self.process.wait()


class Tunnels:
    """TLS in front of the simulator: two stunnel servers, so that a gateway can be another host."""

    def __init__(self, context):
        self.directory = context.directory / "tls"
        self.directory.mkdir()
        self.ports = [measuring.free_port(), measuring.free_port()]
        self.simulator_port = measuring.free_port()
        self.authority = str(self.directory / "certificate.pem")
        measuring.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(self.directory / "key.pem"), "-out", self.authority])
        services = "".join(
            f"[api{port}]\naccept = 127.0.0.1:{port}\nlocal = 127.0.0.9\n"
            f"connect = 127.0.0.1:{self.simulator_port}\n" for port in self.ports)
        (self.directory / "stunnel.conf").write_text(
            f"foreground = quiet\npid =\ncert = {self.authority}\nkey = {self.directory}/key.pem\n"
            f"socket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n{services}")

    def __enter__(self):
        program = shutil.which("stunnel") or shutil.which("stunnel4")
        if not program:
            raise measuring.Missing("stunnel is not installed")
        self.process = subprocess.Popen(
            [program, str(self.directory / "stunnel.conf")], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        measuring.until(lambda: _listens(self.ports[1]), "stunnel")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def url(self, index):
        return f"https://127.0.0.1:{self.ports[index]}"


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
