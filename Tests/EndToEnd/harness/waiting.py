"""Waiting for a fact, with a deadline."""

import time


class Late(AssertionError):
    """A fact that was waited for did not become true in time."""


def until(fact, what, seconds=10.0, interval=0.01):
    """Ask `fact` again and again, return its first truthy answer; after `seconds` fail and say `what` was missing."""
    deadline = time.monotonic() + seconds
    while True:
        answer = fact()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Late(f"not within {seconds:g} s: {what}; last answer: {answer!r}")
        time.sleep(interval)


def let_pass(seconds):
    """Let time pass whose length is a part of the test: in it nothing may happen, or something else goes on."""
    time.sleep(seconds)


def until_steady(measure, what, for_seconds=0.3, seconds=20.0, interval=0.05):
    """Wait until `measure` has answered the same for `for_seconds`; return that answer."""
    last, since = measure(), time.monotonic()
    deadline = since + seconds
    while time.monotonic() - since < for_seconds:
        if time.monotonic() > deadline:
            raise Late(f"not steady within {seconds:g} s: {what}; last answer: {last!r}")
        time.sleep(interval)
        now = measure()
        if now != last:
            last, since = now, time.monotonic()
    return last
