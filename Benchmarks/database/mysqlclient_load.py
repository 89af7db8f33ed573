"""One select by many threads through mysqlclient, each with a connection.

mysqlclient_load.py SOCKET SECONDS THREADS
"""

import sys
import threading
import time

import figures
import MySQLdb

SELECT = "SELECT id, title FROM t WHERE id = %s"


def caller(connection, number, seconds, results):
    latencies = []
    cursor = connection.cursor()
    began = time.perf_counter()
    end = began + seconds
    for wanted in figures.ids(number):
        cursor.execute(SELECT, (wanted,))
        row = cursor.fetchone()
        assert row[0] == wanted
        now = time.perf_counter()
        latencies.append(now - began)
        if now > end:
            break
        began = now
    results.extend(latencies)


def load(connections, seconds):
    results = []
    threads = [
        threading.Thread(target=caller, args=(one, at, seconds, results)) for at, one in enumerate(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def main(socket, seconds, callers):
    connections = [
        MySQLdb.connect(unix_socket=socket, user="bench", database="bench", charset="utf8mb4", autocommit=True)
        for _ in range(callers)]
    load(connections, figures.WARM_SECONDS)
    cpu, began = time.process_time(), time.perf_counter()
    latencies = load(connections, seconds)
    figures.print_figures(latencies, time.perf_counter() - began, time.process_time() - cpu)


main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
