"""`scripts/bench --views`: templates beside their peers."""
