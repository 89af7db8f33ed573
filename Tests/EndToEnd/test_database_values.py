"""Values that a module writes are read by Python's clients as the same, and the other way round: psycopg2, mysqlclient
and sqlite3 are the second opinion on every type."""

import base64
import contextlib
import datetime
import decimal
import json
import random
import sqlite3
import struct
import uuid

import pytest

from harness import modules

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
ROWS = 60
COLUMNS = ["id", "tiny", "small", "large", "huge", "flag", "single", "double", "amount", "title", "bytes", "moment",
           "local_moment", "uuid", "document", "words", "numbers"]

TABLES = {
    "postgres": "id int PRIMARY KEY, tiny smallint, small smallint, large bigint, huge numeric(20), flag boolean,"
                " single real, double double precision, amount numeric, title text, bytes bytea, moment timestamptz,"
                " local_moment timestamp, uuid uuid, document jsonb, words text[], numbers int[]",
    "mariadb": "id int PRIMARY KEY, tiny tinyint, small smallint, large bigint, huge bigint unsigned, flag boolean,"
               " single float, `double` double, amount decimal(38, 10), title text, bytes blob, moment datetime(6),"
               " local_moment timestamp(6) NULL, uuid char(36), document json, words json, numbers json",
    "sqlite": "id integer PRIMARY KEY, tiny integer, small integer, large integer, huge text, flag integer,"
              " single real, double real, amount text, title text, bytes blob, moment text, local_moment text,"
              " uuid text, document text, words text, numbers text",
}


class PostgreSQL:
    arrays = True

    def __init__(self, database):
        import psycopg2
        import psycopg2.extras
        psycopg2.extras.register_uuid()
        self.json = psycopg2.extras.Json
        self.connection = psycopg2.connect(database.url)
        self.connection.autocommit = True
        self.mark = "%s"

    def moment(self, value, column):
        # A client that sets no zone would have the server's, which is New York here.
        return value if column == "moment" else value.replace(tzinfo=None)


class MySQL:
    arrays = False

    def __init__(self, database):
        import MySQLdb
        self.connection = MySQLdb.connect(
            unix_socket=str(database.server.socket), user="gatehouse", db=database.name, charset="utf8mb4",
            autocommit=True, init_command="SET time_zone = '+00:00'")
        self.json = json.dumps
        self.mark = "%s"

    def moment(self, value, column):
        return value.replace(tzinfo=None)


class SQLite:
    arrays = False

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.json = json.dumps
        self.mark = "?"

    def moment(self, value, column):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03}"


def chosen(dice, *edges, otherwise):
    return dice.choice(edges) if dice.random() < 0.3 else otherwise()


def rows(dice, kind):
    """Random values of Python's types, by column; one in six is None."""
    letters = "ab \"'\\{}[],%?$\n\té🦉\x01\x7f"

    def text():
        return "".join(dice.choice(letters) for _ in range(dice.randrange(12)))

    def moment():
        most = 2 ** 31 - 2 if kind == "mariadb" else 4 * 10 ** 9
        seconds = datetime.timedelta(seconds=dice.randrange(1, most), microseconds=dice.randrange(10 ** 6))
        value = EPOCH + seconds
        return value.replace(microsecond=value.microsecond // 1000 * 1000) if kind == "sqlite" else value

    def real():
        value = struct.unpack("d", dice.randbytes(8))[0]
        return value if abs(value) < 1e300 else 0.1

    def single():
        value = struct.unpack("f", dice.randbytes(4))[0]
        return value if 1e-30 < abs(value) < 1e30 else 0.5

    def amount():
        digits = dice.randrange(-10 ** 28, 10 ** 28) if kind == "mariadb" else dice.randrange(-10 ** 38, 10 ** 38)
        return decimal.Decimal(digits).scaleb(-10)

    makers = {
        "tiny": lambda: chosen(dice, -128, 127, 0, otherwise=lambda: dice.randrange(-128, 128)),
        "small": lambda: chosen(dice, -2 ** 15, 2 ** 15 - 1, otherwise=lambda: dice.randrange(-2 ** 15, 2 ** 15)),
        "large": lambda: chosen(dice, -2 ** 63, 2 ** 63 - 1, otherwise=lambda: dice.randrange(-2 ** 63, 2 ** 63)),
        "huge": lambda: chosen(dice, 0, 2 ** 63 - 1, otherwise=lambda: dice.randrange(
            2 ** 63 if kind == "sqlite" else 2 ** 64)),
        "flag": lambda: dice.random() < 0.5, "single": single, "double": real, "amount": amount, "title": text,
        "bytes": lambda: dice.randbytes(dice.randrange(9)), "moment": moment, "local_moment": moment,
        "uuid": lambda: uuid.UUID(bytes=dice.randbytes(16)),
        "document": lambda: {text(): dice.randrange(-9, 9) for _ in range(dice.randrange(3))},
        "words": lambda: [text() for _ in range(dice.randrange(4))],
        "numbers": lambda: [chosen(dice, None, otherwise=lambda: dice.randrange(-99, 99)) for _ in range(3)],
    }
    return [{"id": number, **{name: make() if dice.random() > 1 / 6 else None for name, make in makers.items()}}
            for number in range(ROWS)]


def written(row):
    """A row in the texts that the module writes."""
    def bits(code, value):
        return str(int.from_bytes(struct.pack(f">{code}", value), "big"))

    forms = {
        **dict.fromkeys(("tiny", "small", "large", "huge"), str), "flag": lambda value: str(value).lower(),
        "single": lambda value: bits("f", value), "double": lambda value: bits("d", value),
        "bytes": lambda value: base64.b64encode(value).decode(), "uuid": str,
        "amount": lambda value: f"{value.normalize():f}" if value else "0",
        "moment": lambda value: str((value - EPOCH) // MICROSECOND),
        "local_moment": lambda value: str((value - EPOCH) // MICROSECOND),
    }
    texts = {name: forms.get(name, lambda value: value)(value) for name, value in row.items() if value is not None}
    if "local_moment" in texts:
        texts["localMoment"] = texts.pop("local_moment")
    return texts


def to_client(client, row):
    def form(name, value):
        if value is None:
            return None
        if name in ("moment", "local_moment"):
            return client.moment(value, name)
        if name == "document" or name in ("words", "numbers") and not client.arrays:
            return client.json(value)
        if isinstance(client, SQLite) and name in ("huge", "amount", "uuid"):
            return str(value) if name != "amount" else f"{value:f}"
        return str(value) if name == "uuid" else value
    return [form(name, row[name]) for name in COLUMNS]


def from_client(client, values):
    """The row that a client has read, in the types of `rows`."""
    def form(name, value):
        if value is None:
            return None
        if name in ("moment", "local_moment"):
            value = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if name in ("document", "words", "numbers"):
            return json.loads(value) if isinstance(value, (str, bytes)) else value
        if name == "single":
            return struct.unpack("f", struct.pack("f", value))[0]
        return {"huge": int, "flag": bool, "amount": decimal.Decimal, "bytes": bytes,
                "uuid": lambda value: uuid.UUID(str(value))}.get(name, lambda value: value)(value)
    return {name: form(name, value) for name, value in zip(COLUMNS, values)}


def differences(got, expected):
    """(row, column, got, expected) of every value that is another."""
    assert len(got) == len(expected)
    return [(number, name, one.get(name), other.get(name)) for number, (one, other) in enumerate(zip(got, expected))
            for name in {*one, *other} if one.get(name) != other.get(name)]


@pytest.fixture(params=["postgres", "mariadb", "sqlite"])
def store(request, folder):
    """The kind of a database, its URL for a module, and Python's client of it, with the table `every`."""
    kind = request.param
    if kind == "sqlite":
        file = folder / "values.sqlite"
        client, url = SQLite(file), f"sqlite:{file}"
    else:
        database = request.getfixturevalue(kind)
        client, url = (PostgreSQL if kind == "postgres" else MySQL)(database), database.url
    with contextlib.closing(client.connection):
        client.connection.cursor().execute(f"CREATE TABLE every ({TABLES[kind]})")
        yield kind, url, client


@pytest.fixture
def asked(store, serving):
    """The module with the database: `asked(path, …)` gives the body of an answer of 200."""
    _, url, _ = store
    server = serving({"/": {"path": str(modules.build("values")), "settings": {"database": {"url": url}}}})

    def ask(path, **options):
        answer = server.get(path, **options)
        assert answer.status == 200, (answer.status, answer.body, server.lines()[-5:])
        return answer.body.decode()
    return ask


def test_rows_of_another_client_are_read_exactly(store, asked):
    """Behaviours 20, 21, 22 and 23: of every type, what psycopg2, mysqlclient and sqlite3 have written."""
    kind, _, client = store
    expected = rows(random.Random(20), kind)
    names = ", ".join(f"`{name}`" if kind == "mariadb" else name for name in COLUMNS)
    insert = f"INSERT INTO every ({names}) VALUES ({', '.join([client.mark] * len(COLUMNS))})"
    cursor = client.connection.cursor()
    for row in expected:
        cursor.execute(insert, to_client(client, row))
    assert differences(json.loads(asked("/")), [written(row) for row in expected]) == []


def test_rows_of_a_module_are_read_exactly_by_another_client(store, asked):
    """Behaviours 20, 21, 22 and 23: of every type, what a module has written; and rows as tuples."""
    kind, _, client = store
    expected = rows(random.Random(23), kind)
    body = json.dumps([written(row) for row in expected]).encode()
    assert asked("/", method="POST", body=body, CONTENT_TYPE="application/json") == str(ROWS)
    cursor = client.connection.cursor()
    # MariaDB writes a FLOAT as text of six digits, but a DOUBLE as all that are needed.
    exact = {"single": "CAST(single AS DOUBLE)", "double": "`double`"} if kind == "mariadb" else {}
    names = ", ".join(exact.get(name, name) for name in COLUMNS)
    cursor.execute(f"SELECT {names} FROM every ORDER BY id")
    read = [from_client(client, values) for values in cursor.fetchall()]
    assert differences(read, expected) == []
    row = written(expected[5])
    assert asked("/tuple/5") == f"{row.get('title', '-')} {row.get('amount', '-')} {row.get('moment', '-')}"


def test_lists_are_in_what_they_say(store, asked):
    """Behaviour 23: IN and NOT IN with lists of every length, the empty one too."""
    _, _, client = store
    for number, title in enumerate("abcdefg"):
        client.connection.cursor().execute(
            f"INSERT INTO every (id, title) VALUES ({client.mark}, {client.mark})", [number, title])
    for count in range(8):
        titles = "abcdefgh"[:count]
        query = "&".join(f"title={title}" for title in titles)
        assert asked(f"/count?{query}", QUERY_STRING=query) == f"{len(titles)} {7 - len(titles)}", count
