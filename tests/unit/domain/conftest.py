"""No rule here is timed: the library of bank holidays takes most of a second to wake, in whichever test is first."""

from hypothesis import settings

settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")
