"""`scripts/bench --page`: one page from a database, in Gatehouse, in Django and in PHP."""
