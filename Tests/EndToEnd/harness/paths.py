"""Paths. GATEHOUSE in the environment names another binary, for instance an installed one."""

import os
import pathlib
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
GATEHOUSE = os.environ.get("GATEHOUSE", str(ROOT / ".build" / "release" / "gatehouse"))
SAMPLES = ROOT / "samples"
MODULE_SOURCES = ROOT / "Tests" / "EndToEnd" / "modules"
# Installations and builds that take long, kept between runs.
INSTALLED = ROOT / ".build-e2e"

# Built modules; conftest.py removes them. Not in the checkout: a worker refuses a module in a folder that others can
# write to, and a checkout may be one. In /tmp, which is root's and sticky, a folder of our own is safe. Processes that
# share the tests of one run get one folder, from whoever starts them and removes it.
SHARED_ARTEFACTS = os.environ.pop("GATEHOUSE_TEST_ARTEFACTS", None)
ARTEFACTS = pathlib.Path(SHARED_ARTEFACTS or tempfile.mkdtemp(prefix="gh-modules-"))
# Pools with a user of their own read them, too.
ARTEFACTS.chmod(0o755)

# The unprivileged account that front servers run as; Debian's base system always has it.
FRONT_USER = "www-data"
IS_ROOT = os.geteuid() == 0
