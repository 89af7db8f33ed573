"""Gatehouse, Django and PHP-FPM with the page, each in the cheapest of its usual shapes."""

import glob
import json
import os
import shutil

from .. import front, paths, peers
from ..database import tools

# Processes of each peer that answer. PHP-FPM needs one for each connection that nginx keeps to it, or requests wait
# behind connections that do nothing: so its connections are not kept, which costs it less than 32 processes.
WORKERS = 2
FOLDER = paths.BENCHMARKS / "page"
MODULE = paths.BUILT / "page.so"
PHP_SCRIPT = "index.php"
PACKAGES = (
    ("php-fpm", "/usr/sbin/php-fpm[0-9]*"), ("php-pgsql", "/usr/lib/php/*/pdo_pgsql.so"),
    ("php-opcache", "/usr/lib/php/*/opcache.so"))


def all_of(postgres):
    """In the order of the table."""
    return [_gatehouse(postgres), _django(postgres), _php(postgres)]


NAMES = ("gatehouse", "django", "php")


def _gatehouse(postgres):
    def command(socket, folder):
        configuration = folder / "gatehouse.yaml"
        # JSON is YAML.
        configuration.write_text(json.dumps({
            "control": "off",
            "pools": {"bench": {
                "listen": f"fastcgi:{socket}", "workers": WORKERS, "log-level": "error",
                "modules": [{"path": str(MODULE), "settings": {
                    "database": {"url": postgres.bench_url, "connections": 4}}}]}}}))
        return [paths.GATEHOUSE, "serve", "--config", configuration]
    return peers.Peer(
        "gatehouse", f"Gatehouse, {WORKERS} workers", "fastcgi", (), build_module, command, worker_is_child=True)


def build_module():
    """The module; its templates are read from beside it."""
    peers.build_module(MODULE, FOLDER / "module")


def _django(postgres):
    def command(socket, folder):
        return [
            "env", f"PGHOST={postgres.socket_folder}", tools.PYTHON, "-m", "gunicorn", "--workers", WORKERS,
            "--bind", f"unix:{socket}", "--chdir", FOLDER / "django", "urls:application"]
    return peers.Peer(
        "django", f"Django, gunicorn with {WORKERS} workers", "http", (), tools.build_python, command, keeps=False)


def _php(postgres):
    def command(socket, folder):
        # The account that the server runs as must be able to read the scripts, wherever the checkout is.
        shutil.copytree(FOLDER / "php", folder / "site")
        configuration = folder / "php-fpm.conf"
        configuration.write_text(
            f"[global]\nerror_log = {folder}/error.log\ndaemonize = no\n"
            f"[www]\nlisten = {socket}\nlisten.backlog = 4096\npm = static\npm.max_children = {WORKERS}\n"
            f"env[PGHOST] = {postgres.socket_folder}\nenv[PGPORT] = {postgres.port}\n"
            "php_admin_value[opcache.enable] = 1\nphp_admin_value[opcache.validate_timestamps] = 0\n"
            + ("user = root\ngroup = root\n" if os.geteuid() == 0 else ""))
        as_root = ["-R"] if os.geteuid() == 0 else []
        program = sorted(glob.glob("/usr/sbin/php-fpm[0-9]*"))[-1]
        return [program, "--nodaemonize", "--fpm-config", configuration, *as_root]
    return peers.Peer(
        "php", f"PHP-FPM with opcache, {WORKERS} children", "fastcgi", PACKAGES, lambda: None, command, keeps=False)


def php_script(folder):
    """The path of the script that nginx names to PHP-FPM."""
    return folder / "php" / "site" / PHP_SCRIPT


def packages(chosen):
    return [*tools.PACKAGES, *front.PACKAGES, *(package for peer in chosen for package in peer.packages)]
