"""Jinja2 or Django writing the pages of `scripts/bench --views`: python_load.py jinja2|django PAGE SECONDS

Prints JSON: the microseconds of processor time of a page, and the page. Templates are compiled before; values are
objects as a data layer gives them."""

import dataclasses
import datetime
import json
import sys
import time

LAYOUT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{% block title %}Benchmark{% endblock %}</title>
</head>
<body>
<h1>{{ heading }}</h1>
{% block body %}{% endblock %}
<footer>{{ heading }}</footer>
</body>
</html>
"""
FORTUNES = """{% extends "layout.html" %}
{% block title %}Fortunes{% endblock %}
{% block body %}
<table>
<tr><th>id</th><th>message</th></tr>
{% for row in rows %}
<tr><td>{{ row.id }}</td><td>{{ row.message }}</td></tr>
{% endfor %}
</table>
{% endblock %}
"""
LIST = """{% extends "layout.html" %}
{% block title %}Notes{% endblock %}
{% block body %}
<ul>
{% for row in rows %}
<li><a href="/notes/{{ row.id }}">{{ row.title }}</a> <time>DATE</time>
<p>{{ row.text }}</p>
<small>{{ row.comments }} PLURAL</small></li>
{% endfor %}
</ul>
{% endblock %}
"""
JINJA_LIST = LIST.replace("DATE", "{{ row.created.strftime('%-d %B %Y') }}").replace(
    "PLURAL", "{{ 'comment' if row.comments == 1 else 'comments' }}")
DJANGO_LIST = LIST.replace("DATE", "{{ row.created|date:'j F Y' }}").replace(
    "PLURAL", "comment{{ row.comments|pluralize }}")


@dataclasses.dataclass(slots=True)
class Fortune:
    id: int
    message: str


@dataclasses.dataclass(slots=True)
class Note:
    id: int
    title: str
    text: str
    created: datetime.datetime
    comments: int


def values(page):
    if page == "fortunes":
        return {"heading": "Fortunes", "rows": [
            Fortune(number, f'<script>alert("{number}")</script> A computer scientist’s joke & more')
            for number in range(1, 13)]}
    return {"heading": "Notes", "rows": [
        Note(number, f"Note {number} & its title",
             f"The quick brown fox jumps over the lazy dog, and the dog does not mind: note {number}.",
             datetime.datetime.fromtimestamp(1_790_000_000 + number * 86_400, datetime.timezone.utc), number % 3)
        for number in range(1, 51)]}


def jinja2_page(page):
    import jinja2
    loader = jinja2.DictLoader({"layout.html": LAYOUT, "fortunes.html": FORTUNES, "list.html": JINJA_LIST})
    template = jinja2.Environment(loader=loader, autoescape=True).get_template(f"{page}.html")
    return template.render


def django_page(page):
    import django
    from django.conf import settings
    from django.template import engines
    loader = "django.template.loaders.locmem.Loader"
    texts = {"layout.html": LAYOUT, "fortunes.html": FORTUNES, "list.html": DJANGO_LIST}
    settings.configure(USE_TZ=True, TIME_ZONE="UTC", TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.cached.Loader", [(loader, texts)])]}}])
    django.setup()
    return engines["django"].get_template(f"{page}.html").render


def main(engine, page, seconds):
    render, given = {"jinja2": jinja2_page, "django": django_page}[engine](page), values(page)
    for _ in range(300):
        text = render(given)
    count, start = 0, time.process_time()
    while (now := time.process_time()) - start < seconds:
        for _ in range(20):
            render(given)
        count += 20
    print(json.dumps({"microseconds": (now - start) / count * 1e6, "page": text}))


main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
