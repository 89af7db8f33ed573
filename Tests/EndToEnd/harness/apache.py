"""Apache httpd, with each of its modules that speak a gateway protocol."""

from .front_servers import FrontServer, account, configured, numbered


def apache(folder, gatehouse, settings=""):
    """mod_proxy_fcgi, mod_proxy_scgi and mod_proxy_uwsgi; `settings` are further directives of the whole server."""
    ports = numbered(["apache fastcgi", "apache fastcgi reuse", "apache scgi", "apache uwsgi"])
    targets = {
        "apache fastcgi": f'"unix:{gatehouse.fastcgi_socket}|fcgi://localhost/"',
        "apache fastcgi reuse": f'"unix:{gatehouse.fastcgi_socket}|fcgi://reuse/" enablereuse=on',
        "apache scgi": f'"unix:{gatehouse.scgi_socket}|scgi://localhost/"',
        "apache uwsgi": f'"unix:{gatehouse.uwsgi_socket}|uwsgi://localhost/"',
    }
    hosts = {name: f"ProxyPass / {target}" for name, target in targets.items()}
    return _apache(folder, ports, ["proxy", "proxy_fcgi", "proxy_scgi", "proxy_uwsgi"], hosts,
                   f"ProxyTimeout 60\n{settings}")


def apache_passing(folder, module, host):
    """One virtual host with these directives, which are those of a module that passes requests on."""
    return _apache(folder, numbered(["apache"]), ["proxy", module], {"apache": host}, "")


def apache_sending(folder, gatehouse, files):
    """mod_proxy_fcgi, and mod_xsendfile for the files of a folder."""
    ports = numbered(["apache"])
    hosts = {"apache": f'ProxyPass / "unix:{gatehouse.fastcgi_socket}|fcgi://localhost/"'}
    return _apache(folder, ports, ["env", "proxy", "proxy_fcgi", "xsendfile"], hosts, f"""
        SetEnv GATEHOUSE_SENDFILE apache
        XSendFile on
        XSendFilePath {files}
    """)


def mod_fcgid(folder, command):
    """mod_fcgid, which starts `command` itself, with its listening socket on descriptor 0."""
    ports = numbered(["mod_fcgid"])
    return _apache(folder, ports, ["fcgid"], {"mod_fcgid": f"""
            DocumentRoot {folder}
            <Location />
                SetHandler fcgid-script
                Options +ExecCGI
                FcgidWrapper "{command}" virtual
            </Location>
    """}, f"""
        FcgidIPCDir {folder}
        FcgidProcessTableFile {folder}/fcgid.table
        FcgidMaxProcesses 1
        FcgidMaxRequestLen {64 << 20}
    """)


def apache_authorizing(folder, authorizer_port, authorizer_command, gatehouse):
    """Everything behind a password: mod_authnz_fcgi asks an Authorizer that listens on a port (it knows no Unix
    sockets), mod_fcgid one that it has started. What answers then is `gatehouse`."""
    ports = numbered(["mod_authnz_fcgi", "mod_fcgid"])
    guard = {
        "mod_authnz_fcgi": "AuthBasicProvider password\n Require admission",
        "mod_fcgid": f"""
                AuthBasicAuthoritative Off
                FcgidAuthenticator "{authorizer_command}"
                FcgidAuthorizer "{authorizer_command}"
                Require valid-user""",
    }
    hosts = {name: f"""
            <Location />
                AuthType Basic
                AuthName door
                {guard[name]}
            </Location>
            ProxyPass / "unix:{gatehouse.fastcgi_socket}|fcgi://localhost/"
    """ for name in ports}
    modules = ["auth_basic", "authn_core", "authz_user", "authnz_fcgi", "proxy", "proxy_fcgi", "fcgid"]
    return _apache(folder, ports, modules, hosts, f"""
        AuthnzFcgiDefineProvider authn password fcgi://127.0.0.1:{authorizer_port}/
        AuthnzFcgiDefineProvider authz admission fcgi://127.0.0.1:{authorizer_port}/
        FcgidIPCDir {folder}
        FcgidProcessTableFile {folder}/fcgid.table
    """)


def _apache(folder, ports, modules, hosts, settings):
    """An Apache with these modules and settings, and a virtual host for each port."""
    virtual_hosts = "".join(f"""
        Listen 127.0.0.1:{port}
        <VirtualHost 127.0.0.1:{port}>
            ServerName localhost
            {hosts[name]}
        </VirtualHost>
    """ for name, port in ports.items())
    loading = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                      for name in ("mpm_event", "authz_core", *modules))
    return FrontServer(folder, ["apache2", "-DFOREGROUND", "-f", configured(folder, "apache.conf", f"""
        {loading}
        ServerRoot {folder}
        ServerName localhost
        PidFile {folder}/apache.pid
        DefaultRuntimeDir {folder}
        Mutex file:{folder} default
        ErrorLog /dev/stderr
        LogLevel warn
        StartServers 1
        {account("User {user}")}
        {account("Group {user}")}
        {settings}
        {virtual_hosts}
    """)], ports, env={"TZ": "UTC"})
