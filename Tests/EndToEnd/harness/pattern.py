"""The bytes that the sample's /stream sends: byte i is i modulo 251."""

PERIOD = 251
_ONE = bytes(range(PERIOD))
_LONG = _ONE * 1100  # a little more than 256 KiB


def expected(length, start=0):
    first = start % PERIOD
    return (_ONE * ((first + length) // PERIOD + 1))[first:first + length]


def check(chunk, start):
    """Compare a chunk of at most 256 KiB that begins at offset `start` of the stream."""
    first = start % PERIOD
    assert _LONG[first:first + len(chunk)] == chunk, f"wrong bytes between {start} and {start + len(chunk)}"
