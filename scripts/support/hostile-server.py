#!/usr/bin/env python3
"""An SSH server on loopback that misbehaves after the keys are exchanged, for tests of SSHClient.

Prints its port and its host key, lets everybody in, and does to each connection what the login name and the command
say. Ends with its standard input.

Login names: `ignore` floods with ignored messages instead of an answer, `trickle` sends one every 20 ms;
`refused` is sent much for a channel that is refused then,
`offending` is told what ssh says of a key that has changed; `fuzz-N` sends N's random messages while it authenticates,
`raw-HEX` those that are given; anybody else is let in.
Commands, of any login: `status N`, `number` (a status without its number), `nothing`
(the channel is closed without a status), `signal NAME`, `ignore` (ignored messages without end),
`queue TYPE LENGTH` (messages that nobody asks for, without end), `extended N` (N bytes of a stream that nobody
reads, a message each, and then a full stop on standard output), `unread` (requests without end, whose answers
are not read), `fuzz N` (random messages), `raw HEX` (messages, each as its
type, its length, its fields).
"""
import asyncio
import os
import random
import sys
import warnings

warnings.filterwarnings("ignore")
import asyncssh  # noqa: E402
from asyncssh.packet import Boolean, Byte, String, UInt32  # noqa: E402

IGNORE, REQUEST = 2, 98
# What ssh says of a key that has changed, with words for a shell in it: to Swift, a quote with a mark behind it is
# none.
OFFENDING = (
    "\nOffending ED25519 key in /etc/ssh'\u0301; id; echo '\u0301:1\n"
    "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n")


async def pushed_back(connection):
    """Waits while more than a megabyte is on its way; False when the client is gone."""
    transport = connection._transport
    while transport and not transport.is_closing():
        if transport.get_write_buffer_size() < 1 << 20:
            await asyncio.sleep(0)
            return True
        await asyncio.sleep(0.005)
        transport = connection._transport
    return False


async def flood(connection, kind, length, payload=None):
    payload = payload or bytes(length)
    while await pushed_back(connection):
        for _ in range(16):
            connection.send_packet(kind, payload)


def fields(choice):
    """A few fields of a message, some of them with a wrong length."""
    result = b""
    for _ in range(choice.randrange(6)):
        kind = choice.randrange(6)
        if kind == 0:
            result += UInt32(choice.choice([0, 1, 2, 255, 1 << 15, 1 << 31, (1 << 32) - 1]))
        elif kind == 1:
            result += String(choice.choice([
                b"", b"exit-status", b"exit-signal", b"TERM", b"session", b"direct-tcpip", b"x11",
                b"forwarded-tcpip", b"auth-agent@openssh.com", b"keepalive@openssh.com",
                b"hostkeys-00@openssh.com", b"publickey", b"ssh-ed25519", bytes(300)]))
        elif kind == 2:
            result += Boolean(choice.random() < 0.5)
        elif kind == 3:
            result += choice.randbytes(choice.randrange(40))
        elif kind == 4:
            text = choice.randbytes(choice.randrange(20))
            result += UInt32(len(text) + choice.randrange(-3, 1 << choice.randrange(2, 31))) + text
        else:
            result += Byte(choice.randrange(256))
    return result


async def fuzz(connection, seed, kinds, channel=None):
    choice = random.Random(seed)
    for _ in range(choice.randrange(1, 60)):
        if not await pushed_back(connection):
            return
        kind = choice.choice(kinds)
        body = fields(choice)
        if channel is not None and 91 <= kind <= 100 and choice.random() < 0.8:
            body = UInt32(channel) + body
        connection.send_packet(kind, body)


async def raw(connection, text):
    data = bytes.fromhex(text)
    while len(data) >= 2 and await pushed_back(connection):
        kind, length = data[0], data[1]
        connection.send_packet(kind, data[2:2 + length])
        data = data[2 + length:]


class Server(asyncssh.SSHServer):
    def connection_made(self, connection):
        self.connection = connection

    def refuse(self, packet):
        for _ in range(120_000):
            self.connection.send_packet(95, UInt32(0), UInt32(2), String(b"x"))
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no")

    async def begin_auth(self, login):
        # What belongs to later phases is held back by asyncssh until then.
        if login == "ignore":
            await flood(self.connection, IGNORE, 64)
        elif login == "refused":
            self.connection._process_session_open = self.refuse
        elif login == "offending":
            self.connection.send_auth_banner(OFFENDING)
            await asyncio.sleep(0.3)
            self.connection.abort()
            return True
        elif login == "trickle":
            while await pushed_back(self.connection):
                self.connection.send_packet(IGNORE, bytes(16))
                await asyncio.sleep(0.02)
        elif login.startswith("fuzz-"):
            kinds = [2, 3, 4, 5, 6, 7, 50, 51, 52, 53, 60, 61, 62, 192]
            await fuzz(self.connection, int(login[5:]), kinds)
        elif login.startswith("raw-"):
            await raw(self.connection, login[4:])
        return False


async def serve(process):
    words = (process.command or "").split()
    channel = process.channel
    connection = channel.get_connection()

    def request(name, *rest):
        channel.send_packet(REQUEST, String(name), Boolean(False), *rest)

    if words[0] == "status":
        request(b"exit-status", UInt32(int(words[1])))
    elif words[0] == "number":
        request(b"exit-status")
    elif words[0] == "signal":
        request(b"exit-signal", String(words[1]), Boolean(False), String(""), String(""))
    elif words[0] == "ignore":
        await flood(connection, IGNORE, 64)
    elif words[0] == "extended":
        for number in range(int(words[1])):
            if number % 256 == 0 and not await pushed_back(connection):
                break
            channel.send_packet(95, UInt32(2), String(b"x"))
        channel.write(b".")
        await asyncio.sleep(3600)
    elif words[0] == "queue":
        await flood(connection, int(words[1]), int(words[2]))
    elif words[0] == "unread":
        connection._transport.pause_reading()
        await flood(connection, 80, 0, String(b"") + Boolean(True))
    elif words[0] == "raw":
        await raw(connection, words[1] if len(words) > 1 else "")
    elif words[0] == "fuzz":
        kinds = [1, 2, 3, 4, 5, 6, 7, 20, 21, 30, 31, 50, 51, 52, 53, 60, 80, 81, 82, *range(90, 101), 192]
        weights = [kind for kind in kinds if kind >= 90 for _ in range(4)]
        await fuzz(connection, int(words[1]), kinds + weights, channel._send_chan)
    channel.close()


async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Server, process_factory=serve, encoding=None,
        server_host_keys=[key], rekey_bytes=1 << 40,
        login_timeout=0, compression_algs=None)
    port = server.sockets[0].getsockname()[1]
    print(port, key.export_public_key("openssh").decode().strip(), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    # Connections in the middle of a flood would be waited for.
    os._exit(0)


asyncio.run(main())
