import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zencrm.settings")
application = get_wsgi_application()

# What is loaded stays: the collector need not go through it again, and looks at the rest sooner.
gc.collect()
gc.freeze()
