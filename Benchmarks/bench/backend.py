"""A peer that runs: its socket, its processes and what they cost."""

import socket

from . import processes


class Backend:
    def __init__(self, peer, folder):
        self.peer = peer
        own = folder / peer.name
        own.mkdir()
        self.socket = folder / f"{peer.name}.sock"
        self._program = processes.Program(peer.title, peer.command(self.socket, own), own / "output.log")

    def wait(self):
        """Until it accepts connections."""
        processes.wait_until(self._accepts, "accepting connections", self._program)

    def _accepts(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
                return True
            except (FileNotFoundError, ConnectionRefusedError):
                return False

    def check_running(self):
        """Fails with the backend's own last words where it has ended."""
        self._program.check_running()

    @property
    def pids(self):
        """The processes that answer. Gatehouse's supervisor does not: its worker, a child, is what is measured."""
        self.check_running()
        children = processes.descendants(self._program.pid)
        return children if self.peer.worker_is_child else [self._program.pid, *children]

    def cpu_seconds(self):
        return processes.cpu_seconds(self.pids)

    def memory(self):
        """(VmRSS, VmHWM) in MiB."""
        return processes.memory(self.pids), processes.memory(self.pids, "VmHWM")

    def memory_of_nothing_new(self):
        """VmRSS in MiB, and the peak starts again here."""
        processes.reset_peak_memory(self.pids)
        return processes.memory(self.pids)

    def stop(self):
        return self._program.stop()
