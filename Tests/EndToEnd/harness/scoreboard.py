"""A worker's scoreboard, read as the supervisor reads it: `gatehouse_scoreboard.h` by its offsets."""

import ctypes
import fcntl
import mmap
import os

LOOPS, SLOTS = 16, 1024
FREE, HANDLING, RESPONDING = range(3)

# linux/fcntl.h
F_ADD_SEALS, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW = 1033, 1, 2, 4


class Slot(ctypes.Structure):
    _fields_ = [
        ("sequence", ctypes.c_uint32), ("state", ctypes.c_uint32), ("began", ctypes.c_int64),
        ("body_bytes", ctypes.c_uint64), ("response_bytes", ctypes.c_uint64), ("loop", ctypes.c_uint16),
        ("path_length", ctypes.c_uint16), ("id_length", ctypes.c_uint8), ("method_length", ctypes.c_uint8),
        ("module_length", ctypes.c_uint8), ("unused", ctypes.c_uint8), ("id_bytes", ctypes.c_uint8 * 64),
        ("method_bytes", ctypes.c_uint8 * 16), ("module_bytes", ctypes.c_uint8 * 48),
        ("path_bytes", ctypes.c_uint8 * 344),
    ]

    def text(self, name):
        return bytes(getattr(self, name + "_bytes"))[:getattr(self, name + "_length")].decode()


class Cell(ctypes.Structure):
    _fields_ = [
        ("thread", ctypes.c_int32), ("current_slot", ctypes.c_int32), ("busy_since", ctypes.c_int64),
        ("requests", ctypes.c_uint64), ("accepted", ctypes.c_uint64), ("body_bytes", ctypes.c_uint64),
        ("response_bytes", ctypes.c_uint64), ("connections", ctypes.c_uint32), ("in_flight", ctypes.c_uint32),
        ("failures", ctypes.c_uint64),
    ]


class Board(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint32), ("loop_count", ctypes.c_uint32), ("crash_signal", ctypes.c_int32),
        ("crash_thread", ctypes.c_int32), ("crash_slot", ctypes.c_int32), ("unused", ctypes.c_uint32 * 11),
        ("loops", Cell * LOOPS), ("slots", Slot * SLOTS),
    ]


class Scoreboard:
    def __init__(self):
        self.descriptor = os.memfd_create("gatehouse-scoreboard", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, ctypes.sizeof(Board))
        fcntl.fcntl(self.descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
        self._memory = mmap.mmap(self.descriptor, ctypes.sizeof(Board), mmap.MAP_SHARED, mmap.PROT_READ)

    def read(self):
        """A copy of the whole board."""
        return Board.from_buffer_copy(self._memory)

    def requests(self):
        """Method, path, module and id of every request in flight, by slot."""
        return {index: (slot.text("method"), slot.text("path"), slot.text("module"), slot.text("id"))
                for index, slot in enumerate(self.read().slots) if slot.state != FREE}

    def close(self):
        self._memory.close()
        os.close(self.descriptor)
