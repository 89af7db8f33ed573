"""The limits of the data layer. Ratios are Gatehouse's CPU divided by the peer's."""

# CPU of one query, by database and peer: at most.
QUERY = {
    ("postgres", "pgbench"): 1.3,
    ("postgres", "pgx"): 0.75,
    ("postgres", "asyncpg"): 0.30,
    ("postgres", "psycopg"): 0.20,
    ("mariadb", "mysqlclient"): 0.45,
    ("sqlite", "grdb"): 0.25,
}
# CPU of one request with one query.
REQUEST = {"flask": 0.10, "go-pgx": 0.35}
# MiB that a worker grows by while it streams a million rows.
STREAM_GROWTH = 16
# Milliseconds that the loop is held by decoding.
HELD = 5
# Seconds from the moment when a restarted server accepts connections to the first answer.
BACK = 1
