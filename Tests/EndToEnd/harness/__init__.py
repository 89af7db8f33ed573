"""The other side of every test: real processes, real front servers, and raw bytes of FastCGI, SCGI and
uwsgi.

- Gatehouse: `gatehouse` (`serve` and its configuration), `bare_worker` (a worker without a supervisor), `upgrading`,
  `unread` (its output is not read), `installed`, `systemd`, `control` (its control socket), `scoreboard`
- Modules and programs behind it: `modules`, `programs`, `php_fpm`, `databases`
- In front of it: `nginx`, `apache`, `front_servers`; or the test itself: `client` (HTTP), `fastcgi`, `scgi`,
  `uwsgi`
- Load: `paced_load` (requests a second, through a front server), `kept_load` (as fast as they go, through one),
  `direct_load` (kept FastCGI connections), `steady` (a new FastCGI connection for each request), `bursts` (memory)
- Trouble: `killer` (kills workers), `broken_answers`, `without_ptrace`
- Facts and waiting: `procfs`, `waiting` (until a fact holds), `program` (a process and its output), `pattern`,
  `documents`, `exit_statuses`, `marks`, `paths`
- Tests in several processes: `once`
"""

import pathlib
import sys

# `servers`: the database servers of unit tests, beside the Swift code that starts them there.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "DatabaseTestSupport"))
