"""One word for each thing, and comments in plain English."""

import re

import tree

# A word that has been replaced, as an expression, and the word to write instead.
REPLACED = {
    r"\bas planned\b": "the reason; nobody else has read the plan",
    r"\bplan that we\b": "the reason; nobody else has read the plan",
    r"\bwe (began|started) on\b": "the reason for today's choice",
    r"\bunless told\b": "(default: …)",
    r"(?i)babbl": "malformedReport, or \"a malformed report\"",
    r"(?i)\bdeaf\b|wentDeaf": "controlChannelClosed, or \"ignores\"",
    r"\bheirs?\b|\bHeirs?\b": "Recipient",
    r"(?i)nonsense(?!_)": "malformed",
    r"(?i)\bhurry|\bhurried|\bhurries": "shortenDeadline, or \"at once\"",
    r"\bTelling\b|\btelling\(": "Observability",
    r"HTTPLook": "DevelopmentHTTPServer",
    r"(?i)\bleftovers?\b": "orphanedHandlers, or \"remains\"",
    r"(?i)(?<!lost )\bpatience\b": "gracePeriod, or a timeout's name",
    r"\bFleet(Action)?\b": "PoolManager",
    r"\bPoolSupervision\b": "PoolStateMachine",
    r"\bPoolHost\b": "PoolProcesses",
    r"GatehouseFront\b": "GatehouseClient",
    r"\bFront(Connection|Error|Exchange|Socket|Header|Parameter|Request|Response|ResponseHead|Event|Endpoint)\b":
        "Client…, or GatewayClient",
    r"\b(Recycling|Scaling)Memory\b": "RecyclingState, ScalingState",
    r"\bLaunchMemory\b": "CStringArena",
    r"\bRequestTexts\b": "RequestIdentity",
    r"\bPassed(Sockets?|Descriptor)\b": "InheritedSockets, HandOverMessage",
    r"\bPassing(Socket|Receiver)\b": "HandOverSocket, HandOverReceiver",
    r"\bAdoptedPool\b": "InheritedPool",
    r"\bServiceManager\b": "ServiceNotifier",
    r"\bhosts?: (\[String: )?PoolProcesses": "pools, processes",
    r"\bTakenVariables\b": "takeEnvironmentVariables",
}

# The first word of a comment is a noun or a verb. None of these is one.
OPENERS = re.compile(r"(What|Where|Of|How|Who|Whoever|Whom|Whatever)\b")


def test_words_that_were_replaced_do_not_come_back():
    patterns = {re.compile(pattern): word for pattern, word in REPLACED.items()}
    found = [f"{path}:{number}: \"{match[0]}\": write {word}"
             for path in tree.files() if not path.startswith(tree.TIDY)
             for number, line in enumerate(tree.read(path).splitlines(), 1)
             for pattern, word in patterns.items() if (match := pattern.search(line))]
    assert not found, tree.listed(found)


def test_a_comment_begins_with_a_noun_or_a_verb():
    found = [f"{path}:{number}: a comment begins with \"{match[0]}\": {text.splitlines()[0]}"
             for path in tree.sources("swift", "python", "c", "shell")
             for number, text in tree.comments(path) if (match := OPENERS.match(text))]
    assert not found, tree.listed(found)
