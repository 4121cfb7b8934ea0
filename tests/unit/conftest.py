"""Rules are proved by properties; how long an example takes on a busy machine is not one of them."""

from hypothesis import settings

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
