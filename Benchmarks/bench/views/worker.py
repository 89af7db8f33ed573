"""Gatehouse's worker with a module that measures itself, and orders to the module."""

import json

from .. import backend, nginx_requests, paths, peers
from ..processes import Failed


class Worker(backend.Backend):
    """The worker as `gatehouse serve` starts it; `ask` gives an order and returns the module's answer."""

    def __init__(self, module, folder):
        def command(path, folder):
            configuration = folder / "gatehouse.yaml"
            # JSON is YAML. An order lasts as long as its measurement.
            configuration.write_text(json.dumps({"control": "off", "pools": {"bench": {
                "listen": f"fastcgi:{path}", "limits": {"request": "off"}, "log-level": "error",
                "modules": [{"path": str(module)}]}}}))
            return [paths.GATEHOUSE, "serve", "--config", configuration]
        super().__init__(
            peers.Peer("gatehouse", "Gatehouse", "fastcgi", (), None, command, worker_is_child=True), folder)

    def ask(self, target):
        answer = nginx_requests.get(self.socket, target, 600)
        body = answer.partition(b"\r\n\r\n")[2]
        if not body.startswith(b"{"):
            self.check_running()
            raise Failed(f"Gatehouse answered {target} with {answer[:500]!r}")
        return json.loads(body)
