"""The administration's pages, and one of our own."""

import os
import sys
import time

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path


def whoami(request):
    """The process that answers; `?ms=` later, and with what `?say=` says in the log."""
    time.sleep(int(request.GET.get("ms", "0")) / 1000)
    if "say" in request.GET:
        sys.stderr.write(request.GET["say"] + "\n")
        sys.stderr.flush()
    return HttpResponse(f"django {os.getppid()} {os.environ.get('GREETING', '')}")


urlpatterns = [path("django/admin/", admin.site.urls), path("django/whoami", whoami)]
