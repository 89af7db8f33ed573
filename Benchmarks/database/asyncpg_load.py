"""One prepared select by many callers on one loop through asyncpg, each with a connection and no pool between.

asyncpg_load.py SOCKET_FOLDER SECONDS CALLERS
"""

import asyncio
import sys
import time

import asyncpg
import figures


async def caller(statement, number, seconds):
    latencies = []
    began = time.perf_counter()
    end = began + seconds
    for wanted in figures.ids(number):
        row = await statement.fetchrow(wanted)
        assert row["id"] == wanted
        now = time.perf_counter()
        latencies.append(now - began)
        if now > end:
            return latencies
        began = now


async def main(folder, seconds, callers):
    connections = [await asyncpg.connect(host=folder, user="bench", database="bench") for _ in range(callers)]
    statements = [await one.prepare("SELECT id, title FROM t WHERE id = $1") for one in connections]
    await figures.run_tasks(caller, statements, seconds)
    for one in connections:
        await one.close()


asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
