"""A running PHP-FPM, to compare with."""

import glob
import os
import signal

from . import paths, procfs
from .program import Program
from .waiting import until

# A child that keeps a connection serves nobody else, and nginx may keep one for each of its clients. With twice as many
# children as clients, a new connection finds one too.
CHILDREN = 32


def program():
    """The newest PHP-FPM that is installed, or None."""
    return max(glob.glob("/usr/sbin/php-fpm[0-9]*"), default=None)


class PHPFPM(Program):
    """PHP-FPM. `control_timeout`: the seconds that children have to finish at a reload; 0 by default."""

    def __init__(self, folder, control_timeout):
        self.socket = f"{folder}/php.sock"
        configuration = folder / "php-fpm.conf"
        account = f"user = {paths.FRONT_USER}\ngroup = {paths.FRONT_USER}\n" if paths.IS_ROOT else ""
        configuration.write_text(
            f"[global]\nerror_log = {folder}/error.log\ndaemonize = no\nprocess_control_timeout = {control_timeout}\n"
            f"[www]\nlisten = {self.socket}\nlisten.mode = 0666\nlisten.backlog = 4096\npm = static\n"
            f"pm.max_children = {CHILDREN}\n{account}")
        super().__init__([program(), "--nodaemonize", "--fpm-config", configuration])
        until(lambda: os.path.exists(self.socket) and len(procfs.children(self.pid)) == CHILDREN, "PHP-FPM runs", 20)

    def reload(self):
        """Send SIGUSR2 and wait until there are only new children."""
        before = set(procfs.children(self.pid))
        self.send_signal(signal.SIGUSR2)

        def is_reloaded():
            now = set(procfs.children(self.pid))
            return len(now) == CHILDREN and not now & before

        until(is_reloaded, "PHP-FPM has new children", 30)
