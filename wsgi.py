"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc

from app import create_app

app = create_app()
gc.freeze()  # what the application is made of stays: without this a full collection walks all of it, for a fifth of a second
