"""One request with one query in Flask, with psycopg's pool, for gunicorn.

PGHOST names the server's socket folder, CONNECTIONS the size of the pool in each process.
"""

import os

import psycopg_pool
from flask import Flask, Response, abort, jsonify

application = Flask(__name__)
connections = int(os.environ["CONNECTIONS"])
pool = psycopg_pool.ConnectionPool(
    "user=bench dbname=bench", min_size=connections, max_size=connections, kwargs={"autocommit": True}, open=True)


@application.get("/hello")
def hello():
    return Response("Hello from the peer.\n", mimetype="text/plain")


@application.get("/post/<int:number>")
def post(number):
    with pool.connection() as connection:
        row = connection.execute("SELECT id, title FROM t WHERE id = %s", (number,), prepare=True).fetchone()
    if row is None:
        abort(404)
    return jsonify(id=row[0], title=row[1])
