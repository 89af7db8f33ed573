"""The parts of `scripts/measure-supervisor`: one file each, with a function that yields figures."""
