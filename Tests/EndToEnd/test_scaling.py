"""As many workers as there is work for, and fresh ones in place of worn ones; no request is lost over it."""

import collections
import contextlib
import os
import signal
import time

import pytest

from harness import fastcgi, modules
from harness.direct_load import DirectLoad
from harness.exit_statuses import NOT_A_SHARED_OBJECT, USAGE
from harness.gatehouse import shared_socket
from harness.nginx import nginx_kept
from harness.paced_load import PacedLoad
from harness.waiting import until, until_steady


@pytest.fixture
def pool(serving):
    """Start one pool of workers that say who they are: `pool(workers=…)`."""
    return lambda **settings: serving(modules.build("worker"), pool=settings, socket=shared_socket(), by_file=True)


@contextlib.contextmanager
def busy(server, workers):
    """Requests that take long, one more and one more until so many workers serve."""
    with contextlib.ExitStack() as stack:

        def has_grown():
            # One worker can have many requests, and keeps those that it has accepted: only later ones find the next
            # worker.
            connection = stack.enter_context(server.connect())
            connection.send(fastcgi.request("/pid?ms=60000"))
            return len(server.serving()) >= workers

        until(has_grown, f"{workers} workers serve", 20, interval=0.1)
        yield


# MARK: from min to max


def test_a_pool_grows_under_load_and_shrinks_after_it(pool):
    server = pool(workers={"min": 1, "max": 3, "spare": 1, "idle": "1s"})
    assert len(server.serving()) == 1
    with busy(server, 3):
        assert server.status("web")["wantedWorkers"] == 3 == len(server.serving())
    until(lambda: len(server.workers) == 1, "it has shrunk", 30)
    assert server.status("web")["crashes"] == 0
    assert server.get("/pid").status == 200


def test_there_is_always_somebody_to_spare(pool):
    server = pool(workers={"min": 2, "max": 6, "spare": 2, "idle": "30s"})
    with server.connect() as connection:
        connection.send(fastcgi.request("/pid?ms=20000"))
        until(lambda: len(server.serving()) >= 3, "two are without a request", 15)
        until_steady(lambda: len(server.workers), "and no more are started", 1)
        assert len(server.serving()) == 3


def test_growing_and_shrinking_lose_no_request(pool, folder):
    folder.chmod(0o777)
    server = pool(workers={"min": 1, "max": 3, "spare": 1, "idle": "1s"})
    front = nginx_kept(folder, server.fastcgi_socket, 8)
    load = PacedLoad(front.ports["kept"], rate=100, get="/pid", post=None)
    try:
        for _ in range(2):
            with busy(server, 3):
                pass
            until(lambda: len(server.workers) < 3, "it has shrunk", 20)
        load.stop()
        assert not load.failures, load.failures[:5]
    finally:
        load.stop()
        front.stop()


# MARK: on demand


def test_the_first_request_starts_a_worker_and_idleness_ends_it(pool):
    server = pool(workers={"on-demand": 2, "idle": "1s"})
    assert not server.workers and server.status("web")["state"] == "idle"
    first = int(server.get("/pid").body)
    assert server.workers == {first}
    until(lambda: not server.workers, "it has gone again", 15)
    assert server.status("web")["state"] == "idle"
    second = int(server.get("/pid").body)
    assert second != first


def test_on_demand_there_is_one_worker_for_little_and_all_for_much(pool):
    server = pool(workers={"on-demand": 3, "idle": "2s"})
    for _ in range(5):
        assert server.get("/pid").status == 200
    assert len(server.workers) == 1
    with busy(server, 3):
        pass
    until(lambda: not server.workers, "none is", 30)


def test_a_module_that_cannot_start_on_demand_does_not_spin(folder, serving):
    """A failed start has nobody to report to, and the connection still waits."""
    server = serving(modules.build("worker"), pool={"workers": {"on-demand": 2, "idle": "1s"}})
    module = folder / "spoilt.so"
    module.write_text("this is no library")
    server.configuration["pools"]["web"]["modules"][0]["path"] = str(module)
    server.rewrite()
    # A reload tries it with one worker, and so it is found at once.
    assert server.command("reload").status == NOT_A_SHARED_OBJECT
    assert server.get("/pid").status == 200


# MARK: told to


def test_scale_and_the_next_reload(pool):
    server = pool(workers=1)
    assert "3 workers" in server.command("scale", pool="web", workers=3).done
    until(lambda: len(server.serving()) == 3, "three serve", 10)
    server.command("scale", pool="web", workers=1)
    until(lambda: len(server.workers) == 1, "one is left", 10)
    server.command("scale", pool="web", workers=2)
    until(lambda: len(server.serving()) == 2, "two serve", 10)
    report = server.status("web")
    assert report["scaledTo"] == 2 == report["wantedWorkers"]
    assert "scaled to 2 until the next reload" in server.status_text()
    # A reload reads the number in the configuration again, which is one; nothing else has changed.
    assert server.command("reload").done
    until(lambda: len(server.workers) == 1, "one is left", 10)
    report = server.status("web")
    assert "scaledTo" not in report and report["wantedWorkers"] == 1 == report["generation"]


def test_a_reload_of_another_pool_or_a_bad_one_leaves_what_was_scaled(pool):
    server = pool(workers=1)
    server.configuration["pools"]["other"] = {
        "listen": [f"fastcgi:{server.folder}/other.sock"],
        "modules": [{"mount": "/", "path": str(modules.build("worker"))}]}
    server.rewrite()
    assert server.command("reload").done
    server.command("scale", pool="web", workers=2)
    assert server.command("reload", pool="other").done
    good = server.file.read_text()
    server.rewrite("malformed")
    assert server.command("reload").status
    assert server.status("web")["scaledTo"] == 2
    server.rewrite(good)
    assert server.command("reload", pool="web").done
    assert "scaledTo" not in server.status("web")


def test_scaling_loses_no_request(pool, folder):
    folder.chmod(0o777)
    server = pool(workers=1)
    front = nginx_kept(folder, server.fastcgi_socket, 16)
    load = PacedLoad(front.ports["kept"], rate=200, get="/pid?ms=5", post=None)
    try:
        for count in (4, 1, 3, 2):
            asked = load.count
            assert server.command("scale", pool="web", workers=count).done
            until(lambda: len(server.workers) == count, f"{count} are there", 15)
            until(lambda: load.count > asked + 20, "the load goes on", 10)
        load.stop()
        assert not load.failures, load.failures[:5]
    finally:
        load.stop()
        front.stop()


@pytest.mark.parametrize("count", [0, -1, 101])
def test_what_cannot_be_is_refused(pool, count):
    server = pool(workers=1)
    refused = server.command("scale", pool="web", workers=count)
    assert refused.status == USAGE and "1 to 100" in refused.message
    assert server.command("scale", pool="wbe", workers=2).status == USAGE
    assert len(server.workers) == 1


def test_drain_finishes_what_there_is_and_takes_nothing_new(pool):
    server = pool(workers=2)
    with server.connect() as connection:
        connection.send(fastcgi.request("/pid?ms=1000"))
        until(lambda: any(worker["connections"] for worker in server.status("web")["workers"]), "it is there", 10)
        assert server.command("drain", pool="web").done
        assert server.status("web")["state"] == "drained"
        assert connection.response().status == 200
    until(lambda: not server.workers, "all have left", 10)
    # A request that comes now waits in the socket's queue.
    with server.connect() as waiting:
        waiting.send(fastcgi.request("/pid"))
        until(lambda: server.status("web")["endpoints"][0]["queue"] == 1, "it waits", 5)
        assert server.command("scale", pool="web", workers=1).done
        assert waiting.response().status == 200


def test_a_reload_ends_a_drain(pool):
    server = pool(workers=1)
    assert server.command("drain", pool="web").done
    until(lambda: not server.workers, "all have left", 10)
    assert server.command("reload").done
    assert server.status("web")["state"] == "serving" and server.get("/pid").status == 200


def test_a_drained_pool_stops_in_no_time(pool):
    server = pool(workers=1)
    server.command("drain", pool="web")
    until(lambda: not server.workers, "all have left", 10)
    server.send_signal(signal.SIGTERM)
    assert server.wait(5) == 0


# MARK: recycling


def recycles(server, load, seconds=30):
    """Wait until each of the first workers has been replaced under load; nothing may have failed."""
    first = server.serving()
    until(lambda: not server.workers & first, "all of the first have gone", seconds)
    load.stop()
    assert not load.failures, (load.failures[:5], server.lines()[-10:])
    report = server.status("web")
    assert report["crashes"] == 0 and report["generation"] == 1


@pytest.mark.parametrize("settings, reason", [
    ({"requests-per-worker": 200}, "requests"), ({"worker-age": "1s"}, "served for long enough"),
])
def test_a_worn_worker_is_replaced_and_no_request_lost(pool, folder, settings, reason):
    folder.chmod(0o777)
    server = pool(workers=2, limits=settings)
    front = nginx_kept(folder, server.fastcgi_socket, 16)
    load = PacedLoad(front.ports["kept"], rate=300, get="/pid", post=None)
    try:
        recycles(server, load)
        assert any("is replaced" in line and reason in line for line in server.lines())
    finally:
        load.stop()
        front.stop()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_has_as_many_requests_as_it_may(pool, workers):
    """A worker's number is up to a tenth lower. It serves on while its successor starts, hardly one more afterwards."""
    limit = 2000
    server = pool(workers=workers, limits={"requests-per-worker": limit})
    served = collections.Counter()
    # Those that have begun to serve while others asked and have not ended yet say nothing.
    ended = set()

    def has_no_starting():
        # A successor that is ready waits for the last requests of its predecessor.
        return not {worker["state"] for worker in server.status("web")["workers"]} & {"starting", "loading"}

    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(4)]
        deadline = time.monotonic() + 60
        while len(ended) < 3 and time.monotonic() < deadline:
            for _ in range(25):
                for connection in connections:
                    connection.send(fastcgi.request("/pid", keep=True))
                for connection in connections:
                    served[int(connection.response().body)] += 1
            serving = server.serving()
            ended = set(served) - serving
            # A busy machine starts a successor slowly, and requests meanwhile would only say how slowly.
            if any(served[pid] >= limit * 0.95 for pid in serving):
                until(has_no_starting, "the successor is ready", 20)
    print(dict(served))
    assert len(ended) >= 3
    assert all(limit * 0.85 <= served[pid] <= limit * 1.1 for pid in ended), served


def test_a_worker_with_too_much_memory_is_replaced(pool):
    server = pool(workers=1, limits={"memory": "96MiB"})
    (first,) = server.serving()
    load = DirectLoad(server.fastcgi_socket, clients=4)
    until(lambda: load.count > 20, "the load runs", 10)
    assert int(server.get(f"/grow?bytes={128 << 20}").body.split()[0]) == first
    recycles(server, load)
    assert any("is replaced" in line and "96 MiB" in line for line in server.lines())
    (second,) = server.serving()
    assert second != first


def test_the_successor_comes_first(pool):
    """With one worker, there are two for a moment, and never none."""
    server = pool(workers=1, limits={"worker-age": "1s"})
    (first,) = server.serving()
    counts = set()

    def has_gone():
        counts.add(len(server.serving()))
        return not os.path.exists(f"/proc/{first}")

    until(has_gone, "the first has gone", 20, interval=0.001)
    assert 0 not in counts
