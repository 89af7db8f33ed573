"""What `scripts/measure-supervisor` measures: one file per part, each a function that yields figures."""
