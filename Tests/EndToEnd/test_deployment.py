"""The nginx configuration that we hand out, as it is but for the port and the socket."""

import shutil

from harness import paths
from harness.client import ask, free_ports
from harness.front_servers import FrontServer, account, configured

DEPLOY = paths.ROOT / "deploy" / "nginx"


def test_the_handed_out_configuration_serves(gatehouse, folder):
    (port,) = free_ports(1)
    folder.chmod(0o777 if paths.IS_ROOT else 0o755)
    shutil.copy(DEPLOY / "gatehouse_params", folder)
    text = (DEPLOY / "gatehouse.conf").read_text()
    for theirs, ours in (("listen 80;", f"listen 127.0.0.1:{port};"),
                         ("unix:/run/gatehouse/web.sock", f"unix:{gatehouse.fastcgi_socket}")):
        assert text.count(theirs) == 1
        text = text.replace(theirs, ours)
    (folder / "gatehouse.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "fastcgi", "scgi", "proxy", "uwsgi"))
    front = FrontServer(folder, ["nginx", "-p", str(folder), "-e", "stderr", "-c", configured(folder, "nginx.conf", f"""
        daemon off;
        pid {folder}/nginx.pid;
        error_log stderr warn;
        {account("user {user} {user};")}
        events {{}}
        http {{
            access_log off;
            {temporary}
            include {folder}/gatehouse.conf;
        }}
    """)], {"nginx": port})
    try:
        assert ask(port, "/hello").body == b"Hello from Gatehouse\n"
        lines = ask(port, "/variables?a=1", headers={"X_Under": "spoofed"}).body.decode().splitlines()
        assert "QUERY_STRING=a=1" in lines and "REQUEST_URI=/variables?a=1" in lines
        assert not [line for line in lines if "spoofed" in line or line.startswith("HTTPS=")]
        names = [line.partition("=")[0] for line in lines]
        assert len(names) == len(set(names)), "a parameter is sent twice"
        assert ask(port, "/count", "POST", bytes(1 << 20)).body == b"1048576\n"
        assert ask(port, "/count", "POST", bytes(17 << 20)).status == 413
    finally:
        front.stop()
