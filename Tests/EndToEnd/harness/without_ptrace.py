"""Runs a program that may not use ptrace(2), as in a systemd unit's sandbox: `python3 without_ptrace.py PROGRAM …`."""

import ctypes
import os
import platform
import struct
import sys

NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2
NUMBER = {"x86_64": 101, "aarch64": 117}[platform.machine()]
# Load the system call's number; return EPERM if it is ptrace; otherwise allow it.
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1
PROGRAM = b"".join(struct.pack("HBBI", *line) for line in (
    (LOAD, 0, 0, 0), (JUMP_IF_EQUAL, 0, 1, NUMBER), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)))


class Filter(ctypes.Structure):
    """struct sock_fprog"""
    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_char_p)]


if __name__ == "__main__":
    libc = ctypes.CDLL(None, use_errno=True)
    loaded = Filter(len(PROGRAM) // 8, PROGRAM)
    assert libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(loaded), 0, 0) == 0, os.strerror(ctypes.get_errno())
    os.execv(sys.argv[1], sys.argv[1:])
