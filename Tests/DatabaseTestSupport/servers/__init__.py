"""Real database servers for tests, each in a folder of its own below /tmp and on sockets of its own.

- `postgres`, `mariadb`, `pgbouncer`: one class each, with `start`, `stop`, `kill` and `restart`
- `database_server`: what the first two share: account, certificate, databases, `query`
- `sqlite`: another program's view of SQLite files
- `server`: what all share: folder, account, process, log; `ports`: theirs
- `tls_relay`: TLS before PostgreSQL, in records as large as TLS allows

Swift tests start `python3 Tests/DatabaseTestSupport/servers KIND` and send it commands (`__main__`); end-to-end tests
use the classes. As root the servers run as `nobody`, since PostgreSQL refuses to run as root.
"""

from .mariadb import MariaDB
from .pgbouncer import PgBouncer
from .postgres import Postgres
from .server import ServerError

__all__ = ["MariaDB", "PgBouncer", "Postgres", "ServerError"]
