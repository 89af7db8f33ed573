"""The cost of the supervisor, which only watches."""

from harness import modules, procfs
from harness.waiting import until

MIB = 1 << 20


def test_the_supervisor_is_small_between_its_tasks(serving):
    """12 MiB are asked for with the code that it shares with everybody; a reload and a report read in twice as much."""
    server = serving(modules.build("worker"), pool={"workers": 4}, by_file=True)
    until(lambda: procfs.memory(server.pid) <= 12 * MIB, "it is small when it has started", 10)
    assert server.command("reload", pool="web").done and len(server.serving()) == 4
    until(lambda: procfs.memory(server.pid) <= 12 * MIB, "it is small again after a reload and a report", 10)
