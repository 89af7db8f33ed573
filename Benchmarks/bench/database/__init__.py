"""The measurements behind `scripts/bench --database`: the data layer beside other clients of the same servers."""
