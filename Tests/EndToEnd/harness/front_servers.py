"""Real front servers, each started in a folder of its own with one port per variant of its configuration."""

import pathlib

from . import paths
from .client import can_connect, free_ports
from .program import Program
from .waiting import until


class FrontServer(Program):
    """A front server; `ports` maps a variant's name to its port. Ready when the constructor returns."""

    def __init__(self, folder, argv, ports, **options):
        self.folder = pathlib.Path(folder)
        self.ports = ports
        super().__init__(argv, cwd=folder, **options)
        try:
            for name, port in ports.items():
                until(lambda: can_connect(port) or not self.running, f"{argv[0]} listens for {name}", 15)
            assert self.running, f"{argv[0]} ended at once:\n" + "\n".join(self.lines())
        except AssertionError as error:
            self.stop()
            raise AssertionError("\n".join([str(error), *self.lines()])) from error


def configured(folder, name, text):
    """Write a configuration file and return its path."""
    file = pathlib.Path(folder) / name
    file.write_text(text)
    return str(file)


def account(directive):
    """The directive that names the unprivileged account; empty if we are not root and could not use it."""
    return directive.format(user=paths.FRONT_USER) if paths.IS_ROOT else ""


def numbered(names):
    """A free port for each name."""
    return dict(zip(names, free_ports(len(names))))


def lighttpd(folder, gatehouse):
    ports = numbered(["lighttpd fastcgi", "lighttpd scgi", "lighttpd uwsgi"])
    fastcgi, scgi, uwsgi = ports.values()
    return FrontServer(folder, ["lighttpd", "-D", "-f", configured(folder, "lighttpd.conf", f"""
        server.modules = ("mod_fastcgi", "mod_scgi")
        server.document-root = "{folder}"
        server.upload-dirs = ("{folder}")
        server.bind = "127.0.0.1"
        server.port = {fastcgi}
        {account('server.username = "{user}"')}
        {account('server.groupname = "{user}"')}
        fastcgi.server = ("/" => ((
            "socket" => "{gatehouse.fastcgi_socket}", "check-local" => "disable", "fix-root-scriptname" => "enable"
        )))
        $SERVER["socket"] == "127.0.0.1:{scgi}" {{
            fastcgi.server = ()
            scgi.server = ("/" => ((
                "socket" => "{gatehouse.scgi_socket}", "check-local" => "disable", "fix-root-scriptname" => "enable"
            )))
        }}
        $SERVER["socket"] == "127.0.0.1:{uwsgi}" {{
            fastcgi.server = ()
            scgi.protocol = "uwsgi"
            scgi.server = ("/" => ((
                "socket" => "{gatehouse.uwsgi_socket}", "check-local" => "disable", "fix-root-scriptname" => "enable"
            )))
        }}
    """)], ports)


def lighttpd_passing(folder, settings):
    """lighttpd with these lines behind the few that it needs to start."""
    ports = numbered(["lighttpd"])
    return FrontServer(folder, ["lighttpd", "-D", "-f", configured(folder, "lighttpd.conf", f"""
        server.modules = ()
        server.document-root = "{folder}"
        server.upload-dirs = ("{folder}")
        server.bind = "127.0.0.1"
        server.port = {ports["lighttpd"]}
        {account('server.username = "{user}"')}
        {account('server.groupname = "{user}"')}
        {settings}
    """)], ports)


def lighttpd_sending(folder, gatehouse, files):
    """lighttpd that sends the files of a folder for the application."""
    ports = numbered(["lighttpd"])
    return FrontServer(folder, ["lighttpd", "-D", "-f", configured(folder, "lighttpd.conf", f"""
        server.modules = ("mod_setenv", "mod_fastcgi")
        server.document-root = "{folder}"
        server.bind = "127.0.0.1"
        server.port = {ports["lighttpd"]}
        {account('server.username = "{user}"')}
        {account('server.groupname = "{user}"')}
        setenv.set-environment = ("GATEHOUSE_SENDFILE" => "lighttpd")
        fastcgi.server = ("/" => ((
            "socket" => "{gatehouse.fastcgi_socket}", "check-local" => "disable", "fix-root-scriptname" => "enable",
            "x-sendfile" => "enable", "x-sendfile-docroot" => ("{files}")
        )))
    """)], ports)


def lighttpd_spawning(folder, command, socket):
    """lighttpd that starts `command` itself, with its listening socket on descriptor 0."""
    ports = numbered(["lighttpd spawning"])
    return FrontServer(folder, ["lighttpd", "-D", "-f", configured(folder, "lighttpd.conf", f"""
        server.modules = ("mod_fastcgi")
        server.document-root = "{folder}"
        server.bind = "127.0.0.1"
        server.port = {ports["lighttpd spawning"]}
        fastcgi.server = ("/" => ((
            "socket" => "{socket}", "bin-path" => "{command}", "max-procs" => 1, "check-local" => "disable"
        )))
    """)], ports)


def lighttpd_authorizing(folder, authorizer_socket, gatehouse):
    """lighttpd that asks an Authorizer before it lets `gatehouse` answer, over SCGI: one URL has one FastCGI server."""
    ports = numbered(["lighttpd"])
    # After an Authorizer lighttpd asks the next server only for files that exist.
    (folder / "variables").touch()
    return FrontServer(folder, ["lighttpd", "-D", "-f", configured(folder, "lighttpd.conf", f"""
        server.modules = ("mod_fastcgi", "mod_scgi")
        server.document-root = "{folder}"
        server.bind = "127.0.0.1"
        server.port = {ports["lighttpd"]}
        {account('server.username = "{user}"')}
        {account('server.groupname = "{user}"')}
        fastcgi.server = ("/" => ((
            "socket" => "{authorizer_socket}", "mode" => "authorizer", "check-local" => "disable",
            "docroot" => "{folder}"
        )))
        scgi.server = ("/" => (("socket" => "{gatehouse.scgi_socket}", "check-local" => "enable")))
    """)], ports)


def haproxy(folder, gatehouse):
    ports = numbered(["haproxy fastcgi", "haproxy fastcgi multiplexed"])
    plain, multiplexed = ports.values()
    return FrontServer(folder, ["haproxy", "-db", "-f", configured(folder, "haproxy.cfg", f"""
global
    maxconn 1000
    {account("user {user}")}
    {account("group {user}")}
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
fcgi-app plain
    docroot /
fcgi-app multiplexed
    docroot /
    option get-values
    option mpxs-conns
    option max-reqs 20
frontend plain
    bind 127.0.0.1:{plain}
    default_backend plain
frontend multiplexed
    bind 127.0.0.1:{multiplexed}
    default_backend multiplexed
backend plain
    use-fcgi-app plain
    server gatehouse unix@{gatehouse.fastcgi_socket} proto fcgi
backend multiplexed
    use-fcgi-app multiplexed
    http-reuse always
    server gatehouse unix@{gatehouse.fastcgi_socket} proto fcgi
""")], ports)


def caddy(folder, gatehouse, directives=""):
    ports = numbered(["caddy fastcgi"])
    file = configured(folder, "Caddyfile", f"""
        {{
            admin off
            auto_https off
            log {{
                level WARN
            }}
        }}
        http://:{ports["caddy fastcgi"]} {{
            bind 127.0.0.1
            {directives}
            reverse_proxy unix/{gatehouse.fastcgi_socket} {{
                transport fastcgi
            }}
        }}
    """)
    # Caddy writes to its account's home.
    homes = dict.fromkeys(["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"], str(folder))
    return FrontServer(folder, ["caddy", "run", "--adapter", "caddyfile", "--config", file], ports, env=homes,
                       user=paths.FRONT_USER if paths.IS_ROOT else None)


def h2o(folder, gatehouse):
    ports = numbered(["h2o fastcgi", "h2o fastcgi keep-alive"])
    plain, kept = ports.values()
    return FrontServer(folder, ["h2o", "-m", "worker", "-c", configured(folder, "h2o.yaml", f"""
{account("user: {user}")}
num-threads: 1
pid-file: {folder}/h2o.pid
error-log: /dev/stderr
hosts:
  plain:
    listen: {{ host: 127.0.0.1, port: {plain} }}
    paths:
      /:
        fastcgi.connect: {{ port: {gatehouse.fastcgi_socket}, type: unix }}
  kept:
    listen: {{ host: 127.0.0.1, port: {kept} }}
    paths:
      /:
        fastcgi.timeout.keepalive: 5000
        fastcgi.connect: {{ port: {gatehouse.fastcgi_socket}, type: unix }}
""")], ports)


def uwsgi_router(folder, gatehouse):
    """uWSGI's own HTTP router, which runs no application."""
    ports = numbered(["uwsgi-router uwsgi"])
    return FrontServer(folder, [
        "uwsgi", "--master", "--die-on-term", "--plugin", "http", "--http", f"127.0.0.1:{ports['uwsgi-router uwsgi']}",
        "--http-to", gatehouse.uwsgi_socket, "--http-keepalive", "--http-auto-chunked"], ports)
