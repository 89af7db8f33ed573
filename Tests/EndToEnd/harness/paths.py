"""Where things are. GATEHOUSE names another binary, for instance an installed one."""

import os
import pathlib
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
GATEHOUSE = os.environ.get("GATEHOUSE", str(ROOT / ".build" / "release" / "gatehouse"))
SAMPLES = ROOT / "samples"
MODULE_SOURCES = ROOT / "Tests" / "EndToEnd" / "modules"
# What takes long to install or build, kept between runs; it is no part of a build.
INSTALLED = ROOT / ".build-e2e"

# Built modules. Not in the checkout: a worker refuses a module in a folder that others can write to, which a checkout
# may well be; in /tmp, which is root's and sticky, a folder of our own is safe. Removed by conftest.py.
ARTEFACTS = pathlib.Path(tempfile.mkdtemp(prefix="gh-modules-"))
# Pools with a user of their own read them, too.
ARTEFACTS.chmod(0o755)

# The unprivileged account that front servers run as; Debian's base system always has it.
FRONT_USER = "www-data"
IS_ROOT = os.geteuid() == 0
