"""`scripts/bench --stack`: what sessions and the stack add to a request."""
