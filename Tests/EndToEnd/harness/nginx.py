"""nginx, in the shapes that matter to an application behind it."""

import shutil

from . import paths
from .client import free_ports
from .front_servers import FrontServer, account, configured, numbered

# Each variant's name, and its server's directives beside the parameters.
VARIANTS = {
    "nginx fastcgi": "fastcgi_pass unix:{fastcgi};",
    "nginx fastcgi keep-alive": "fastcgi_pass kept; fastcgi_keep_conn on;",
    "nginx fastcgi unbuffered": "fastcgi_pass unix:{fastcgi}; fastcgi_request_buffering off; fastcgi_buffering off;",
    "nginx fastcgi unbuffered keep-alive":
        "fastcgi_pass kept; fastcgi_keep_conn on; fastcgi_request_buffering off; fastcgi_buffering off;",
    "nginx scgi": "scgi_pass unix:{scgi};",
    "nginx scgi unbuffered": "scgi_pass unix:{scgi}; scgi_request_buffering off; scgi_buffering off;",
    "nginx uwsgi": "uwsgi_pass unix:{uwsgi};",
    "nginx uwsgi unbuffered": "uwsgi_pass unix:{uwsgi}; uwsgi_request_buffering off; uwsgi_buffering off;",
}

# The names of Debian's fastcgi_params that mean something here. Its scgi_params are the same, except that nginx itself
# puts CONTENT_LENGTH first and that SCGI is among them; its uwsgi_params are fewer of them.
PARAMS = {
    "QUERY_STRING": "$query_string", "REQUEST_METHOD": "$request_method", "CONTENT_TYPE": "$content_type",
    "CONTENT_LENGTH": "$content_length", "SCRIPT_NAME": "$fastcgi_script_name", "REQUEST_URI": "$request_uri",
    "DOCUMENT_URI": "$document_uri", "DOCUMENT_ROOT": "$document_root", "SERVER_PROTOCOL": "$server_protocol",
    "REQUEST_SCHEME": "$scheme", "HTTPS": "$https if_not_empty", "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "nginx/$nginx_version", "REMOTE_ADDR": "$remote_addr", "REMOTE_PORT": "$remote_port",
    "REMOTE_USER": "$remote_user", "SERVER_ADDR": "$server_addr", "SERVER_PORT": "$server_port",
    "SERVER_NAME": "$server_name", "REDIRECT_STATUS": "200",
}

# Directives of an nginx that holds thousands of connections; outside of `http`.
MANY = "worker_rlimit_nofile 16384;"


def params(kind="fastcgi", **changes):
    """The parameter directives of a gateway protocol; `changes` add parameters or set others."""
    pairs = {**PARAMS, **changes}
    if kind == "scgi":
        del pairs["CONTENT_LENGTH"]
        pairs["SCGI"] = "1"
    return "\n".join(f"{kind}_param {variable} {value};" for variable, value in pairs.items())


def command(folder, http, *, top="", connections=1000, level="warn"):
    """The command line of an nginx with this content of its `http` block. Everything that it writes is in `folder`.

    `top` has directives outside of that block, `level` is the lowest of the lines on standard error."""
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "fastcgi", "scgi", "proxy", "uwsgi"))
    return ["nginx", "-p", str(folder), "-e", "stderr", "-c", configured(folder, "nginx.conf", f"""
        daemon off;
        worker_processes 1;
        pid {folder}/nginx.pid;
        error_log stderr {level};
        {account("user {user} {user};")}
        {top}
        events {{ worker_connections {connections}; }}
        http {{
            access_log off;
            {temporary}
            {http}
        }}
    """)]


def start(folder, ports, http, **options):
    """A running nginx; `ports` are those that `http` listens on, by name."""
    return FrontServer(folder, command(folder, http, **options), ports)


def nginx(folder, gatehouse):
    """One nginx with a port for each of VARIANTS. Its worker is unprivileged."""
    ports = numbered(VARIANTS)
    servers = "".join(_server(name, port, gatehouse) for name, port in ports.items())
    return start(folder, ports, f"""
            client_max_body_size 0;
            client_body_timeout 60s;
            large_client_header_buffers 8 64k;
            client_header_buffer_size 16k;
            fastcgi_buffer_size 64k;
            fastcgi_buffers 8 64k;
            scgi_buffer_size 64k;
            scgi_buffers 8 64k;
            uwsgi_buffer_size 64k;
            uwsgi_buffers 8 64k;
            fastcgi_max_temp_file_size 0;
            scgi_max_temp_file_size 0;
            uwsgi_max_temp_file_size 0;
            upstream kept {{ server unix:{gatehouse.fastcgi_socket}; keepalive 16; }}
            {servers}
    """, top=MANY, connections=8000)


def _server(name, port, gatehouse):
    passing = VARIANTS[name].format(fastcgi=gatehouse.fastcgi_socket, scgi=gatehouse.scgi_socket,
                                    uwsgi=gatehouse.uwsgi_socket)
    return f"""
            server {{
                listen 127.0.0.1:{port} backlog=4096;
                location / {{
                    {params(name.split()[1])}
                    {passing}
                }}
            }}
    """


def nginx_kept(folder, socket, keepalive, *, again=0, script=None, names=False):
    """An nginx that keeps up to `keepalive` connections to one FastCGI socket; 0 makes one for each request.

    A request that fails is passed on `again` times, if its method allows that; by default its failure is seen.
    `script` is the file that PHP-FPM runs; `names` gives each request a REQUEST_ID."""
    ports = numbered(["kept"])
    kept = f"keepalive {keepalive}; keepalive_requests 1000000;" if keepalive else ""
    more = {**({"SCRIPT_FILENAME": script} if script else {}), **({"REQUEST_ID": "$request_id"} if names else {})}
    # nginx tries each server of an upstream once.
    servers = f"server unix:{socket} max_fails=0; " * (again + 1)
    return start(folder, ports, f"""
            keepalive_requests 1000000;
            upstream kept {{ {servers} {kept} }}
            server {{
                listen 127.0.0.1:{ports["kept"]} backlog=4096;
                location / {{
                    {params(**more)}
                    fastcgi_pass kept;
                    fastcgi_keep_conn {"on" if keepalive else "off"};
                    fastcgi_next_upstream {"error timeout invalid_header" if again else "off"};
                }}
            }}
    """, top=MANY, connections=8000)


def nginx_caching(folder, socket):
    """An nginx without any tuning that stores every answer of a FastCGI socket in its cache."""
    ports = numbered(["caching"])
    return start(folder, ports, f"""
            fastcgi_cache_path {folder}/stored keys_zone=answers:1m;
            server {{
                listen 127.0.0.1:{ports["caching"]};
                location / {{
                    {params()}
                    fastcgi_pass unix:{socket};
                    fastcgi_cache answers;
                    fastcgi_cache_key $request_uri;
                    fastcgi_cache_valid any 10m;
                }}
            }}
    """)


def nginx_asking(folder, gatehouse):
    """An nginx that asks Gatehouse before it passes a request on (auth_request), by the recipe of nginx's manual: a
    subrequest without the client's body. "/bodyless" passes a request on without its body in the same way."""
    ports = numbered(["fastcgi", "scgi", "uwsgi"])

    def server(kind, socket):
        passing = f"{params(kind, REQUEST_URI='$target')}\n{kind}_pass unix:{socket};"
        bodyless = f'{passing} {kind}_pass_request_body off; {kind}_param CONTENT_LENGTH "";'
        return f"""
            server {{
                listen 127.0.0.1:{ports[kind]};
                location = /asked {{ internal; set $target /count; {bodyless} }}
                location = /guarded {{ auth_request /asked; set $target /count; {passing} }}
                location = /bodyless {{ set $target /count; {bodyless} }}
            }}
        """

    return start(folder, ports,
                 server("fastcgi", gatehouse.fastcgi_socket) + server("scgi", gatehouse.scgi_socket)
                 + server("uwsgi", gatehouse.uwsgi_socket))


def nginx_over(folder, locations):
    """An nginx with one server; `locations` has directives by the prefix of a path. The port is that of "all"."""
    ports = numbered(["all"])
    # Set here and not in a location, because one parameter in a location would replace all of these.
    pairs = "\n".join([params("fastcgi", SCRIPT_FILENAME="$document_root/hello.php"), params("uwsgi")])
    passing = "".join(f"location {prefix} {{ {directives} }}\n" for prefix, directives in locations.items())
    return start(folder, ports, f"""
            {pairs}
            server {{
                listen 127.0.0.1:{ports["all"]};
                proxy_set_header Host $host;
                proxy_next_upstream off;
                fastcgi_next_upstream off;
                uwsgi_next_upstream off;
                {passing}
            }}
    """)


def moved(text, port, socket):
    """A configuration that we show or ship, with its port and its socket replaced by these."""
    for theirs, ours in (("listen 80;", f"listen 127.0.0.1:{port};"),
                         ("unix:/run/gatehouse/web.sock", f"unix:{socket}")):
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


def shipped(folder, socket):
    """`deploy/nginx` with another port and another socket: nginx's command line, and the port."""
    (port,) = free_ports(1)
    folder.chmod(0o777 if paths.IS_ROOT else 0o755)
    source = paths.ROOT / "deploy" / "nginx"
    shutil.copy(source / "gatehouse_params", folder)
    (folder / "gatehouse.conf").write_text(moved((source / "gatehouse.conf").read_text(), port, socket))
    return command(folder, f"include {folder}/gatehouse.conf;"), port
