"""An HTTP server on descriptor 3 that starts late, is not well, or does not last, as its environment says.

LATE: seconds until it accepts. HEALTH: the status of /health. LIVES: seconds after which it leaves with status 3.
"""

import os
import signal
import socket
import threading
import time

stopping = threading.Event()
listener = socket.socket(fileno=3)
listener.settimeout(0.1)


def serve(connection):
    with connection:
        connection.settimeout(20)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        path = head.split()[1].decode()
        status = os.environ.get("HEALTH", "200") if path == "/health" else "200"
        body = f"{os.getpid()} {os.environ.get('GREETING', '')}".encode()
        connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                           + body)


def leave():
    print("leaves", flush=True)
    os._exit(3)


def accept():
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            if stopping.is_set():
                return
            continue
        connection.setblocking(True)
        thread = threading.Thread(target=serve, args=(connection,))
        thread.start()
        if stopping.is_set():
            return


signal.signal(signal.SIGTERM, lambda *_: stopping.set())
time.sleep(float(os.environ.get("LATE", "0")))
print("accepts", flush=True)
if "LIVES" in os.environ:
    threading.Timer(float(os.environ["LIVES"]), leave).start()
accept()
