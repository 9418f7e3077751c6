#!/usr/bin/python3
"""A TLS server on loopback that sends an answer and then very many session tickets.

Usage: ticket-server.py DIRECTORY COUNT. Makes DIRECTORY/certificate.pem for `localhost`, prints its port,
and, for each connection, how many seconds its client has stayed after the answer was there. The tickets
are ready by then, so that they come faster than anybody reads them. Ends when standard input does.
"""

import ctypes
import ctypes.util
import os
import socket
import subprocess
import sys
import threading
import time

ANSWER = b'{"command": "ssh ubuntu@203.0.113.7"}'
PEM = 1

directory, count = sys.argv[1], int(sys.argv[2])
certificate, key = directory + "/certificate.pem", directory + "/key.pem"
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
     "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-days", "2",
     "-addext", "subjectAltName=DNS:localhost"],
    check=True, stderr=subprocess.DEVNULL)

ssl = ctypes.CDLL(ctypes.util.find_library("ssl"))
crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for library, names in ((ssl, ("TLS_server_method", "SSL_CTX_new", "SSL_new")),
                       (crypto, ("BIO_new", "BIO_s_mem"))):
    for name in names:
        getattr(library, name).restype = ctypes.c_void_p


def pointer(value):
    return ctypes.c_void_p(value)


context = pointer(ssl.SSL_CTX_new(pointer(ssl.TLS_server_method())))
ssl.SSL_CTX_use_certificate_file(context, certificate.encode(), PEM)
ssl.SSL_CTX_use_PrivateKey_file(context, key.encode(), PEM)
ssl.SSL_CTX_set_num_tickets(context, ctypes.c_size_t(0))


def serve(connection):
    session = pointer(ssl.SSL_new(context))
    ssl.SSL_set_fd(session, connection.fileno())
    if ssl.SSL_accept(session) != 1:
        return
    request = ctypes.create_string_buffer(65536)
    ssl.SSL_read(session, request, len(request))
    memory = pointer(crypto.BIO_new(pointer(crypto.BIO_s_mem())))
    ssl.SSL_set0_wbio(session, memory)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
    ssl.SSL_write(session, head + ANSWER, len(head + ANSWER))
    for _ in range(count):
        ssl.SSL_new_session_ticket(session)
        ssl.SSL_do_handshake(session)
    ready = ctypes.create_string_buffer(count * 1024)
    length = crypto.BIO_read(memory, ready, len(ready))
    start = time.monotonic()
    try:
        connection.sendall(memoryview(ready)[:length])
        while connection.recv(4096):
            pass
    except OSError:
        pass
    print(f"{time.monotonic() - start:.3f}", flush=True)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
os._exit(0)
