"""The pages of tasks: the inbox, and what is subscribed to."""

from app.tasks import inbox_pages as inbox_pages
from app.tasks import subscription_pages as subscription_pages
from app.tasks.blueprint import blueprint as blueprint
