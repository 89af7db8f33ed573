"""A Gatehouse whose program on disk can be replaced, as an upgrade needs it."""

import json
import os
import pathlib
import shutil

from . import paths
from .gatehouse import Gatehouse


def start(folder, pools, monkeypatch):
    """Start a copy of the program, `server.program`, with these pools."""
    program = folder / "bin" / "gatehouse"
    program.parent.mkdir()
    shutil.copy(paths.GATEHOUSE, program)
    # Its worker and library are found beside it.
    built = pathlib.Path(paths.GATEHOUSE).resolve().parent
    sdk = next(path for path in (built, built / "../lib/gatehouse") if (path / "libGatehouseRuntime.so").exists())
    for file in (built / "gatehouse-worker", sdk / "libGatehouseRuntime.so", sdk / "libGatehouseWeb.so",
                 sdk / "Modules"):
        os.symlink(file, program.parent / file.name)
    monkeypatch.setattr(paths, "GATEHOUSE", str(program))
    file = folder / "gatehouse.yaml"
    file.write_text(json.dumps({"control": str(folder / "control.sock"), "pools": pools}))
    server = Gatehouse(folder, ["--config", file], fastcgi_socket=str(folder / "web.sock"))
    server.program = program
    return server


def replace(program, script):
    """Put a script in place of the program, which it can start as `$REAL`."""
    real = program.with_name("real")
    program.rename(real)
    program.write_text(f"#!/bin/sh\nREAL={real}\n{script}\n")
    program.chmod(0o755)
