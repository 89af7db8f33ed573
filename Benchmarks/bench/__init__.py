"""The measurements behind `scripts/bench`: see the comment at its head."""
