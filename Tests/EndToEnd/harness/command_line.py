"""The commands, statuses, keys and values that `gatehouse --help` and `gatehouse check` list."""

import re

from .gatehouse import run


def commands():
    """Every command that is not hidden."""
    part = run("--help").stdout.partition("SUBCOMMANDS:\n")[2]
    return set(re.findall(r"^  ([a-z]+) ", part, re.M)) - {"help"}


def exit_statuses():
    """Every exit status."""
    text = " ".join(run("--help").stdout.split())
    text = text.partition("Exit status: ")[2].partition(" USAGE:")[0]
    return {int(number) for number in re.findall(r"\b(\d+)\b", text)}


# A configuration in which every mapping has an unknown key, and every choice an unknown value.
WRONG = """bogus: 1
pools:
  web:
    listen: [fastcgi:/run/x.sock]
    modules: [{ path: /x.so, bogus: 1 }]
    bogus: 1
    log-level: bogus
    socket: { bogus: 1 }
    limits: { bogus: 1s }
    quarantine: { bogus: 1 }
    stalls: { bogus: 1 }
    workers: { bogus: 1 }
    rlimits: { bogus: 1 }
    access-log: { path: stdout, format: "$bogus" }
  shop:
    listen: [http:/run/y.sock]
    command: [x]
    stop-signal: BOGUS
    socket-passing: bogus
"""


def known_words(folder):
    """Each mapping's keys and each choice's values, by their name in the messages about `WRONG`."""
    file = folder / "wrong.yaml"
    file.write_text(WRONG)
    said = run("check", "--config", file).stderr
    found = {match[1]: set(re.findall(r'"([\w-]+)"', match[2]))
             for match in re.finditer(r'unknown key "bogus"; ([\w ]+?)(?:, unless \w+ \w+ off,)? has (.*)', said)}
    for match in re.finditer(r'"([\w-]+)" is (?:one of )?(.*), not "bogus"', said, re.I):
        found[match[1]] = set(re.split(r", | or ", match[2]))
    (variables,) = re.findall(r"there are \$http_NAME for request headers and (.*)", said)
    found["variables"] = set(variables.replace("$", "").split(", "))
    return found
