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
    """The directive that names the unprivileged account, where we are root and it can be used."""
    return directive.format(user=paths.FRONT_USER) if paths.IS_ROOT else ""


def numbered(names):
    """A free port for each name."""
    return dict(zip(names, free_ports(len(names))))


def lighttpd(folder, gatehouse):
    ports = numbered(["lighttpd fastcgi", "lighttpd scgi"])
    fastcgi, scgi = ports.values()
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


def apache(folder, gatehouse):
    ports = numbered(["apache fastcgi", "apache fastcgi reuse", "apache scgi"])
    targets = {
        "apache fastcgi": f"unix:{gatehouse.fastcgi_socket}|fcgi://localhost/",
        "apache fastcgi reuse": f"unix:{gatehouse.fastcgi_socket}|fcgi://reuse/ enablereuse=on",
        "apache scgi": f"unix:{gatehouse.scgi_socket}|scgi://localhost/",
    }
    hosts = "".join(f"""
        Listen 127.0.0.1:{port}
        <VirtualHost 127.0.0.1:{port}>
            ServerName localhost
            ProxyPass / {_apache_target(targets[name])}
        </VirtualHost>
    """ for name, port in ports.items())
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "proxy", "proxy_fcgi", "proxy_scgi"))
    return FrontServer(folder, ["apache2", "-DFOREGROUND", "-f", configured(folder, "apache.conf", f"""
        {modules}
        ServerRoot {folder}
        ServerName localhost
        PidFile {folder}/apache.pid
        DefaultRuntimeDir {folder}
        Mutex file:{folder} default
        ErrorLog /dev/stderr
        LogLevel warn
        StartServers 1
        ProxyTimeout 60
        {account("User {user}")}
        {account("Group {user}")}
        {hosts}
    """)], ports)


def _apache_target(target):
    url, _, options = target.partition(" ")
    return f'"{url}" {options}'


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
