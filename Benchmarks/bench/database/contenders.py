"""Every client of the first table: a select of one row, over and over, by many callers."""

import dataclasses
import json
import os
import re
import subprocess

from ..processes import Failed
from . import tools

CALLERS = 32
# mysqlclient blocks its threads, and more of them cost more: 8 are its best.
THREADS = 8
PGBENCH_SCRIPT = "\\set id random(1, 10000)\nSELECT id, title FROM t WHERE id = :id;\n"


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    title: str
    database: str         # the table's part: postgres, mariadb or sqlite
    build: object         # called without arguments
    run: object           # called with the bench's Surroundings and seconds; returns queries, seconds, cpu, percentiles


def _program(*words):
    """Runs one of the programs of Benchmarks/database, which print their figures."""
    def run(surroundings, seconds):
        argv = [str(word(surroundings, seconds) if callable(word) else word) for word in words]
        result = subprocess.run(argv, capture_output=True, text=True)
        if result.returncode != 0:
            raise Failed(f"{' '.join(argv)} ended with status {result.returncode}:\n{result.stderr[-2000:]}")
        return json.loads(result.stdout)
    return run


def _postgres(surroundings, _):
    return surroundings.postgres.socket_folder


def _mariadb(surroundings, _):
    return surroundings.mariadb.socket


def _sqlite(surroundings, _):
    return surroundings.sqlite


def _seconds(_, seconds):
    return seconds


def _pgbench(surroundings, seconds):
    script = surroundings.folder / "pgbench.sql"
    script.write_text(PGBENCH_SCRIPT)
    argv = [
        "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={CALLERS}", "--jobs=1",
        f"--time={max(1, round(seconds))}", f"--host={surroundings.postgres.socket_folder}", "--username=bench",
        f"--file={script}", "bench"]
    program = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = program.stdout.read()
    _, status, usage = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode != 0:
        raise Failed(f"{' '.join(argv)} ended with status {program.returncode}:\n{output[-2000:]}")
    queries = int(re.search(r"transactions actually processed: (\d+)", output).group(1))
    rate = float(re.search(r"tps = ([\d.]+) \(without", output).group(1))
    return {"queries": queries, "seconds": queries / rate, "cpu": usage.ru_utime + usage.ru_stime}


def _ours(database, shape="decodable"):
    def run(surroundings, seconds):
        return surroundings.worker.ask(
            f"/load?database={database}&shape={shape}&callers={CALLERS}&ms={round(seconds * 1000)}")
    return run


CONTENDERS = [
    Contender("gatehouse", "Gatehouse, `Decodable`, pool of 8", "postgres", tools.build_module, _ours("postgres")),
    Contender("gatehouse-columns", "Gatehouse, columns, pool of 8", "postgres", tools.build_module,
              _ours("postgres", "columns")),
    Contender("pgbench", "pgbench `-M prepared`", "postgres", lambda: None, _pgbench),
    Contender("pgx", "Go pgx, pool of 32", "postgres", lambda: tools.build_go(tools.GO_SELECT, "select"),
              _program(tools.GO_SELECT, _postgres, _seconds, CALLERS)),
    Contender("asyncpg", "asyncpg, no pool", "postgres", tools.build_python,
              _program(tools.PYTHON, tools.FOLDER / "asyncpg_load.py", _postgres, _seconds, CALLERS)),
    Contender("psycopg", "psycopg 3 (C), async, no pool", "postgres", tools.build_python,
              _program(tools.PYTHON, tools.FOLDER / "psycopg_load.py", _postgres, _seconds, CALLERS)),
    Contender("gatehouse", "Gatehouse, `Decodable`, pool of 8", "mariadb", tools.build_module, _ours("mariadb")),
    Contender("mysqlclient", f"mysqlclient, {THREADS} threads", "mariadb", tools.build_python,
              _program(tools.PYTHON, tools.FOLDER / "mysqlclient_load.py", _mariadb, _seconds, THREADS)),
    Contender("gatehouse", "Gatehouse, `Decodable`", "sqlite", tools.build_module, _ours("sqlite")),
    Contender("grdb", "GRDB, `await pool.read`, cached statement", "sqlite", tools.build_grdb,
              _program(tools.GRDB, _sqlite, _seconds, CALLERS)),
]
