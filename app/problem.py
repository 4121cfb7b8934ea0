"""The one kind of error that a command foresees."""


class Problem(Exception):
    """A command cannot go on. ``str(error)`` is one plain sentence: what is wrong and how to mend it."""
