"""Tests of the tree itself. They read texts only, take seconds and need no build."""
