"""One prepared select by many callers on one loop through psycopg 3 (C), each with a connection and no pool between.

psycopg_load.py SOCKET_FOLDER SECONDS CALLERS
"""

import asyncio
import sys
import time

import figures
import psycopg

SELECT = "SELECT id, title FROM t WHERE id = %s"


async def caller(connection, number, seconds):
    latencies = []
    began = time.perf_counter()
    end = began + seconds
    for wanted in figures.ids(number):
        cursor = await connection.execute(SELECT, (wanted,), prepare=True)
        row = await cursor.fetchone()
        assert row[0] == wanted
        now = time.perf_counter()
        latencies.append(now - began)
        if now > end:
            return latencies
        began = now


async def main(folder, seconds, callers):
    assert psycopg.pq.__impl__ == "c", psycopg.pq.__impl__
    connections = [
        await psycopg.AsyncConnection.connect(host=folder, user="bench", dbname="bench", autocommit=True)
        for _ in range(callers)]
    await figures.run_tasks(caller, connections, seconds)
    for one in connections:
        await one.close()


asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
