"""Every backend that is measured: what it needs, how it is built, how it is started, how nginx reaches it."""

import dataclasses
import glob
import os
import shutil
import subprocess
import tempfile

from . import paths
from .processes import Failed


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    title: str
    protocol: str                 # fastcgi, uwsgi or http: the directive of nginx that reaches it
    packages: tuple               # Debian packages, each with a file that shows it is there: (package, glob pattern)
    build: object                 # called without arguments; builds only what is missing or older than its source
    command: object               # called with the socket's path and a folder of its own; returns argv
    keeps: bool = True            # whether the protocol can keep connections
    worker_is_child: bool = False  # measure the children, not the process that was started
    by_default: bool = True       # or only by its name


def older(product, *sources):
    """Whether the product is missing or any source is newer."""
    if not product.exists():
        return True
    return any(source.stat().st_mtime > product.stat().st_mtime for source in sources)


def run(what, argv, **options):
    result = subprocess.run([str(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        output = result.stdout.decode(errors="replace")[-4000:]
        raise Failed(f"cannot build {what}: {' '.join(map(str, argv))}\n{output}")


def _build_c(name, source, *options):
    product = paths.BUILT / name
    source = paths.BENCHMARKS / source
    if older(product, source, *source.parent.glob("*.h")):
        print(f"building {name}", flush=True)
        run(name, ["cc", "-O2", "-o", product, source, *options])


def build_go(product, source, **environment):
    if older(product, source):
        print(f"building {product.name}", flush=True)
        run(product.name, ["go", "build", "-o", product, source.name], cwd=source.parent,
            env={**os.environ, **environment})


def build_package(product, package, executable):
    """A program of a Swift package, which is built beside its product."""
    if older(product, package / "Package.swift", *package.glob("Sources/**/*.swift")):
        print(f"building {product.name}: minutes, the first time", flush=True)
        scratch = product.with_name(f"{product.name}.build")
        run(product.name, ["swift", "build", "-c", "release", "--package-path", package, "--scratch-path", scratch])
        shutil.copy2(scratch / "release" / executable, product)
        os.utime(product)


def build_module(product, package):
    """A handler module, by `gatehouse build`, if it or the runtime library has changed."""
    for file in (paths.GATEHOUSE, paths.WORKER):
        if not file.exists():
            raise Failed(f"{file} is not there: run scripts/build first")
    if older(product, paths.GATEHOUSE, paths.RELEASE / "libGatehouseRuntime.so", *package.glob("**/*.swift")):
        product.parent.mkdir(parents=True, exist_ok=True)
        print(f"building the module {product.stem}", flush=True)
        run(f"the module {product.stem}", [paths.GATEHOUSE, "build", package, "-o", product])
        if not product.exists():
            raise Failed(f"gatehouse build left no {product}")


def _php_fpm(socket, folder):
    configuration = folder / "php-fpm.conf"
    configuration.write_text(
        f"[global]\nerror_log = {folder}/error.log\ndaemonize = no\n"
        f"[www]\nlisten = {socket}\nlisten.backlog = 4096\npm = static\npm.max_children = 64\n"
        "clear_env = yes\ncatch_workers_output = no\n" + ("user = root\ngroup = root\n" if os.geteuid() == 0 else ""))
    program = sorted(glob.glob("/usr/sbin/php-fpm[0-9]*"))[-1]
    as_root = ["-R"] if os.geteuid() == 0 else []
    return [program, "--nodaemonize", "--fpm-config", configuration, *as_root]


def _uwsgi(socket, folder):
    return [
        "uwsgi", "--plugin", "python3", "--socket", socket, "--listen", "1024", "--wsgi-file",
        paths.BENCHMARKS / "uwsgi" / "hello.py", "--need-app", "--disable-logging", "--die-on-term"]


COMPILER = ("gcc", "/usr/bin/cc")
LIBFCGI = ("libfcgi-dev", "/usr/include/fcgiapp.h")


def _gatehouse(name, title, protocol, **more):
    return Peer(
        name, title, protocol, (), lambda: build_module(paths.BUILT / "echo.so", paths.ECHO),
        lambda socket, folder: [
            paths.GATEHOUSE, "serve", "--module", paths.BUILT / "echo.so", "--listen", f"{protocol}:{socket}"],
        worker_is_child=True, **more)


PEERS = [
    _gatehouse("gatehouse", "Gatehouse", "fastcgi"),
    _gatehouse("gatehouse-uwsgi", "Gatehouse, uwsgi", "uwsgi", keeps=False),
    Peer("floor", "C floor", "fastcgi", (COMPILER, LIBFCGI), lambda: _build_c("floor", "floor/floor.c"),
         lambda socket, folder: [paths.BUILT / "floor", socket]),
    Peer("libfcgi", "libfcgi, 64 threads", "fastcgi", (COMPILER, LIBFCGI),
         lambda: _build_c("libfcgi", "libfcgi/responder.c", "-pthread", "-lfcgi"),
         lambda socket, folder: [paths.BUILT / "libfcgi", socket, "64"]),
    Peer("go", "Go net/http/fcgi", "fastcgi", (("golang-go", "/usr/bin/go"),),
         lambda: build_go(paths.BUILT / "go", paths.BENCHMARKS / "go" / "responder.go"),
         lambda socket, folder: [paths.BUILT / "go", socket]),
    Peer("php-fpm", "PHP-FPM, 64 children", "fastcgi", (("php-fpm", "/usr/sbin/php-fpm[0-9]*"),), lambda: None,
         _php_fpm),
    Peer("uwsgi", "uWSGI, Python", "uwsgi",
         (("uwsgi-core", "/usr/bin/uwsgi-core"), ("uwsgi-plugin-python3", "/usr/lib/uwsgi/plugins/python3_plugin.so")),
         lambda: None, _uwsgi, keeps=False),
    Peer("hummingbird", "Hummingbird over HTTP", "http", (),
         lambda: build_package(
             paths.BUILT / "stock-hummingbird", paths.BENCHMARKS / "stock-hummingbird", "StockHummingbird"),
         lambda socket, folder: [paths.BUILT / "stock-hummingbird", socket]),
]


def _transport(name, title, way):
    """The floor with three microseconds of work for each request, about what Gatehouse itself needs."""
    return Peer(
        name, title, "fastcgi", (COMPILER, LIBFCGI, ("liburing-dev", "/usr/include/liburing.h")),
        lambda: _build_c("transports", "floor/transports.c", "-luring"),
        lambda socket, folder: [paths.BUILT / "transports", socket, way, "3000"], by_default=False)


PEERS += [
    _transport("epoll", "epoll, 3 µs of work", "epoll"), _transport("io_uring", "io_uring, 3 µs of work", "io_uring"),
]

# The most that nginx can pass if every answer takes 50 ms: the floor, which holds each one back.
DELAYED_FLOOR = Peer(
    "floor-delayed", "C floor, answers after 50 ms", "fastcgi", (COMPILER, LIBFCGI),
    lambda: _build_c("floor", "floor/floor.c"), lambda socket, folder: [paths.BUILT / "floor", socket, "50"])


def named(name):
    for peer in [*PEERS, DELAYED_FLOOR]:
        if peer.name == name:
            return peer
    raise Failed(f"no peer is called {name}: there are " + ", ".join(peer.name for peer in PEERS))


def install(packages):
    """apt-get install of what is missing, in one line that is shown."""
    missing = sorted({package for package, pattern in packages if not glob.glob(pattern)})
    if not missing:
        return
    line = "apt-get update -qq && apt-get install -y -qq --no-install-recommends " + " ".join(missing)
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    print("installing: " + " ".join([*as_root, line]), flush=True)
    # RUNLEVEL=1 keeps Debian's packages from starting their services.
    with tempfile.TemporaryFile() as output:
        command = [*as_root, "env", "RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", line]
        if subprocess.run(command, stdout=output, stderr=output).returncode != 0:
            output.seek(0)
            raise Failed(f"this did not work: {line}\n{output.read().decode(errors='replace')[-2000:]}")
