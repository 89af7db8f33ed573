"""Conditions that some tests need."""

import pytest

from . import paths

as_root = pytest.mark.skipif(not paths.IS_ROOT, reason="needs root, to be or to serve another user")
