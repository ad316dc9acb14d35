import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zencrm.settings")
django.setup(set_prefix=False)

from zencrm.bodies import Handler  # noqa: E402 - its pages want the settings

application = Handler()

# What is loaded stays: the collector need not go through it again, and looks at the rest sooner.
gc.collect()
gc.freeze()
