"""Many connections at once: what they hold, and whether an idle one ever wakes."""

import array
import contextlib
import os
import resource
import select
import socket
import subprocess
import threading
import time

import measuring
from world import Home


class Greeter:
    """A server that greets whoever connects and holds the connection."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.connections = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
                connection.sendall(b"SSH-2.0-bench\r\n")
            except OSError:
                return
            self.connections.append(connection)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()


class Crowd:
    """Processes with pipes, ended together."""

    def __init__(self, command, many, environment):
        self.processes = []
        for _ in range(many):
            self.processes.append(subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL))
        for process in self.processes:
            waiting = select.poll()
            waiting.register(process.stdout, select.POLLIN)
            if not waiting.poll(30_000) or not os.read(process.stdout.fileno(), 100):
                self.end()
                raise RuntimeError(f"no greeting through {command[0]}")

    def each(self, field):
        """KiB of one process, on average."""
        total = sum(measuring.counted(process.pid, field) for process in self.processes)
        return total / len(self.processes)

    def wakes(self):
        """How often they have gone to sleep so far, and been taken off the CPU."""
        total = 0
        for process in self.processes:
            for kind in ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"):
                total += measuring.counted(process.pid, kind, "status")
        return total

    def end(self):
        for process in self.processes:
            process.kill()
            process.stdin.close()
            process.stdout.close()
        for process in self.processes:
            process.wait()


def measure(context):
    section = measuring.Section("crowd")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    greeter = Greeter()
    home = Home(context.programs, context.directory / "crowd", hosts=[("bench", greeter.port)])
    home.sshproxy("prepare", "bench")
    try:
        _passed(context, section, home)
        _relayed(context, section, home, greeter.port)
    finally:
        greeter.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return section


def _passed(context, section, home):
    """With fd passing: how many of the processes are left when all connections stand."""
    many = 100 if context.quick else 500
    command = home.words("connect", "--fdpass", "bench")
    processes, sockets = [], []
    try:
        for _ in range(many):
            ours, theirs = socket.socketpair()
            processes.append(subprocess.Popen(
                command, env=home.environment, stdin=theirs, stdout=theirs))
            theirs.close()
            ours.settimeout(30)
            _, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
            number = array.array("i", ancillary[0][2][:4])[0]
            sockets.append(socket.socket(fileno=number))
            ours.close()
        for process in processes:
            process.wait(30)
        left = sum(process.returncode is None for process in processes)
        alive = sum(one.getpeername() is not None for one in sockets)
        section.add(f"{alive} connections passed, processes left", "", [left])
        section.row(f"memory of {alive} connections, fdpass", "0 processes, 0 KiB",
                    f"{left} processes, 0 KiB" if not left else f"{left} processes", left == 0)
    finally:
        for one in sockets:
            one.close()
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def _relayed(context, section, home, port):
    """Relayed: proportional memory of a connection, and wake-ups of all of them in 10 s."""
    python = context.programs.vendor("prime-0.18.0", "python")
    crowds = [
        ("sshproxy", home.words("connect", "bench"), 100 if context.quick else 500),
        ("nc", ["nc", "127.0.0.1", str(port)], 50),
        ("socat", ["socat", "-", f"TCP:127.0.0.1:{port}"], 50),
        ("prime 0.18.0 proxy",
         [python, "-m", "prime_cli.ssh_proxy", "127.0.0.1", str(port), "session"], 10),
    ]
    standing, size = {}, {}
    try:
        for name, command, many in crowds:
            standing[name] = Crowd(command, many, home.environment)
            size[name] = section.add(
                f"{many} connections relayed, each, {name}", "KiB", [standing[name].each("Pss")])
        many = len(standing["sshproxy"].processes)
        section.row(f"memory of {many} connections, relay, each (PSS)", "–",
                    f"{size['sshproxy'].median:.0f} KiB; nc {size['nc'].median:.0f}, socat "
                    f"{size['socat'].median:.0f}, vendor's proxy "
                    f"{size['prime 0.18.0 proxy'].median:.0f}", None)
        _idle(section, standing["sshproxy"])
    finally:
        for crowd in standing.values():
            crowd.end()


def _idle(section, crowd):
    span = 10
    before = crowd.wakes()
    if before < len(crowd.processes):
        raise RuntimeError("the kernel does not count when a process sleeps")
    time.sleep(span)
    count = crowd.wakes() - before
    section.add(f"wake-ups of {len(crowd.processes)} idle relays in {span} s", "", [count])
    section.row(f"idle connection, relay: wake-ups of {len(crowd.processes)} in {span} s", "0",
                f"{count}", count == 0)
