"""nginx in front of every peer: one worker, one port; the Host header selects peer and mode."""

import collections
import http.client
import os
import re
import socket

from . import processes
from .processes import Failed

PACKAGES = (("nginx-light", "/usr/sbin/nginx"), ("wrk", "/usr/bin/wrk"))
# The number of idle connections that nginx keeps to a peer. "many" is for a thousand requests at once.
MODES = {"kept": 64, "new": 0, "many": 1024}

HEAD = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
{user}
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server_names_hash_bucket_size 128;
    default_type text/plain;
"""

# Answers beyond the buffers wait for the client instead of going to a file.
SERVER = """
    upstream {host} {{
        server unix:{socket};
        {keepalive}
    }}
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
        root {folder};
{settings}
        location / {{
            {passing};
        }}
        location = /count {{
            fastcgi_request_buffering off;
            {passing};
        }}
        location /multipart- {{
            fastcgi_request_buffering off;
            proxy_request_buffering off;
            {passing};
        }}
    }}
"""

SETTINGS = {
    "fastcgi": """
        include /etc/nginx/fastcgi_params;
        fastcgi_param SCRIPT_FILENAME {script};
        fastcgi_keep_conn {on};
        fastcgi_max_temp_file_size 0;
        fastcgi_read_timeout 20s;""",
    "uwsgi": """
        include /etc/nginx/uwsgi_params;""",
    "http": """
        proxy_http_version 1.1;
        proxy_set_header Connection "{connection}";
        proxy_set_header Host $host;""",
}

PASSING = {
    "fastcgi": "fastcgi_pass {host}",
    "uwsgi": "uwsgi_pass {host}",
    "http": "proxy_pass http://{host}",
}


def host(peer, mode):
    return f"{peer.name}.{mode}.test"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Front:
    """nginx, with one server for each peer and mode."""

    def __init__(self, backends, folder, php_script):
        self.folder = folder / "nginx"
        self.folder.mkdir()
        self.port = _free_port()
        # nginx started by root would hand its workers to `nobody`, who may not open sockets of mode 0660.
        user = "user root;" if os.geteuid() == 0 else ""
        text = HEAD.format(folder=self.folder, user=user)
        for backend in backends:
            for mode in MODES:
                text += self._server(backend, mode, php_script)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(text + "}\n")
        self._program = processes.Program(
            "nginx", ["nginx", "-p", self.folder, "-c", configuration, "-e", self.folder / "error.log"],
            self.folder / "output.log")

    def _server(self, backend, mode, php_script):
        peer = backend.peer
        kept = MODES[mode] if peer.keeps else 0
        values = {
            "host": host(peer, mode), "socket": backend.socket, "port": self.port, "folder": self.folder,
            "keepalive": f"keepalive {kept};" if kept else "", "on": "on" if kept else "off",
            "connection": "" if kept else "close",
            "script": php_script if peer.name == "php-fpm" else "$document_root$fastcgi_script_name",
        }
        settings = SETTINGS[peer.protocol].format(**values)
        return SERVER.format(settings=settings, passing=PASSING[peer.protocol].format(**values), **values)

    def wait(self, backends, modes):
        """Until every backend answers hello through it, so that no round measures error pages."""
        processes.wait_until(self._accepts, "listening", self._program)
        for backend in backends:
            for mode in modes:
                self._check(backend, mode)

    def _accepts(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _check(self, backend, mode):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/hello", headers={"Host": host(backend.peer, mode)})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != 200 or not body.startswith(b"Hello"):
            backend.check_running()
            raise Failed(f"{backend.peer.title} answers hello with {response.status}: {self.errors() or body[:200]}")

    def errors(self):
        """[(message of nginx's error log, how often)], the commonest first."""
        log = (self.folder / "error.log").read_text(errors="backslashreplace")
        # Parts that change from line to line are cut off: time, process and connection before, the request behind.
        messages = [re.sub(r"^.*?\d+#\d+: (\*\d+ )?|, client: .*$", "", line) for line in log.splitlines()]
        return collections.Counter(messages).most_common(5)

    def stop(self):
        return self._program.stop()
