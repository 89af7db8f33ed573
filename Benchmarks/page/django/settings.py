"""Django as its deployment checklist has it, for one page: no middleware, which nothing of the page needs.

DEBUG is off, so that templates are cached after their first use. A connection to the database is kept.
"""

import os

DEBUG = False
SECRET_KEY = "of no use here: nothing is signed"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
MIDDLEWARE = []
INSTALLED_APPS = []
USE_I18N = False
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [os.path.join(os.path.dirname(__file__), "templates")],
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": "bench", "USER": "bench", "CONN_MAX_AGE": None,
    "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"],
}}
