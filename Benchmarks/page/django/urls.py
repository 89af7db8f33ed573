"""The page in Django, for gunicorn: `urls:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from django.db import models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402


class Entry(models.Model):
    """A row of the table that all peers ask."""

    title = models.TextField()
    author = models.TextField()
    body = models.TextField()
    written = models.DateTimeField()
    edited = models.BooleanField()

    class Meta:
        app_label = "page"
        db_table = "entry"
        managed = False


def entries(request):
    return render(request, "entries.html", {"entries": Entry.objects.order_by("-id")[:50]})


def hello(request):
    return HttpResponse("Hello from the peer.\n")


urlpatterns = [path("entries", entries), path("hello", hello)]
