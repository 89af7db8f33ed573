"""Gatehouse's worker with the module of the benchmark, and orders to the module."""

import json

from .. import backend, nginx_requests, paths, peers
from ..processes import Failed
from . import tools

# The connections of the routes that a front server asks: as many as the peers have there.
WEB_CONNECTIONS = 8
ORDER_SECONDS = 600


def peer(surroundings):
    """The worker as `gatehouse serve` starts it."""
    def command(path, folder):
        configuration = folder / "gatehouse.yaml"
        # JSON is YAML. An order lasts as long as its load.
        configuration.write_text(json.dumps({
            "control": "off",
            "pools": {"bench": {
                "listen": f"fastcgi:{path}", "limits": {"request": "off"}, "log-level": "error",
                "modules": [{"path": str(tools.MODULE), "settings": {
                    "postgres": surroundings.postgres.bench_url, "mariadb": surroundings.mariadb.bench_url,
                    "sqlite": f"sqlite:{surroundings.sqlite}", "webConnections": WEB_CONNECTIONS}}]}}}))
        return [paths.GATEHOUSE, "serve", "--config", configuration]
    return peers.Peer("gatehouse", "Gatehouse", "fastcgi", (), tools.build_module, command, worker_is_child=True)


class Worker(backend.Backend):
    """The worker; `ask` gives an order and returns the module's answer."""

    def __init__(self, surroundings, folder):
        folder.mkdir(exist_ok=True)
        super().__init__(peer(surroundings), folder)

    def ask(self, target):
        answer = nginx_requests.get(self.socket, target, ORDER_SECONDS)
        head, _, body = answer.partition(b"\r\n\r\n")
        if not body.startswith(b"{"):
            self.check_running()
            raise Failed(f"Gatehouse answered {target} with {answer[:500]!r}\n{self.last_output()}")
        return json.loads(body)

    def last_output(self):
        return self._program.last_output()
