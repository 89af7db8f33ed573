"""The measurements of `scripts/measure-supervisor`: one file per part, each a function that yields figures."""
