"""Prints CronVectors.swift: moments by croniter (PyPI), and zones' differences by Python's zoneinfo.

    pip install croniter && python3 Tests/Oracles/cron_vectors.py > Tests/GatehouseWebTests/Jobs/CronVectors.swift

The seed is fixed: the same versions print the same file."""

import datetime
import random
import zoneinfo

from croniter import croniter

FIELDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
NAMES = {3: "jan feb mar apr may jun jul aug sep oct nov dec".split(), 4: "sun mon tue wed thu fri sat".split()}
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo",
         "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "Europe/Dublin", "Pacific/Chatham"]


def value(field, low, high):
    number = random.randint(low, high)
    if field in NAMES and random.random() < 0.3 and number - low < len(NAMES[field]):
        return NAMES[field][number - low]
    return str(number)


def part(field):
    low, high = FIELDS[field]
    kind = random.random()
    if kind < 0.4:
        return value(field, low, high)
    if kind < 0.7:
        # To croniter a range of one value is the whole field: it goes round.
        first, last = sorted(random.sample(range(low, high + 1), 2))
        # croniter counts a week's end differently in ranges with a step.
        step = f"/{random.randint(1, 5)}" if random.random() < 0.4 and field != 4 else ""
        return f"{first}-{last}{step}"
    return f"*/{random.randint(1, 12)}"


def field(number, likelihood):
    if random.random() < likelihood:
        return "*"
    return ",".join(part(number) for _ in range(random.choice([1, 1, 1, 2, 3])))


def moments():
    found = []
    while len(found) < 150:
        expression = " ".join(field(number, 0.35) for number in range(5))
        start = random.randint(946684800, 2208988800)
        try:
            # Days that begin with * as crontab(5) has them.
            steps = croniter(expression, start, implement_cron_bug=True)
            found.append((expression, start, [int(steps.get_next(float)) for _ in range(3)]))
        except Exception:  # No such day.
            continue
    return found


def differences():
    for name in ZONES:
        for _ in range(8):
            moment = random.randint(0, 6000000000)
            local = datetime.datetime.fromtimestamp(moment, zoneinfo.ZoneInfo(name))
            yield name, moment, int(local.utcoffset().total_seconds())


random.seed(20261129)
print("// Made by Tests/Oracles/cron_vectors.py: croniter's moments, and zoneinfo's differences from UTC.\n")
print("enum CronVectors {\n    static let moments: [(expression: String, after: Int64, next: [Int64])] = [")
for expression, start, steps in moments():
    print(f'        ("{expression}", {start}, {steps}),')
print("    ]\n\n    static let differences: [(zone: String, moment: Int64, seconds: Int64)] = [")
for name, moment, seconds in differences():
    print(f'        ("{name}", {moment}, {seconds}),')
print("    ]\n}")
