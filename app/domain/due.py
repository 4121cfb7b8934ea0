"""Deadlines in words: by when something is due, as people say it. London's clocks and calendar."""

from datetime import date, datetime, time, timedelta

from app.domain.clock import ONE_DAY, at_local, local, local_date, say_date


def end_of(day: date) -> datetime:
    """The UTC moment at which a day in London is over: what is due on a day is late from then on."""
    return at_local(day + ONE_DAY, time(0))


def say_day(day: date, today: date) -> str:
    """``today``, ``tomorrow``, ``yesterday``, or the date as it is read."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get((day - today).days) or say_date(day)


def say_due_on(day: date, today: date) -> str:
    """Of what is due on a day: ``due today``, ``due Friday 27 November 2026``, ``was due yesterday``."""
    return f"{'was due' if day < today else 'due'} {say_day(day, today)}"


def say_due_by(moment: datetime, now: datetime) -> str:
    """Of what is due by a moment: ``due by 16:00 today``, ``was due by 09:30 on Friday 20 November 2026``."""
    return f"{'was due' if moment < now else 'due'} by {say_moment(moment, now)}"


def say_moment(moment: datetime, now: datetime) -> str:
    """A moment that is to be found again: ``16:00 today``, ``09:30 on Monday 23 November 2026``."""
    day = say_day(local_date(moment), local_date(now))
    return f"{local(moment):%H:%M} {day if ' ' not in day else f'on {day}'}"


def say_waited(since: datetime, now: datetime) -> str:
    """How long something has waited: ``less than an hour``, ``14 hours``, ``3 days``."""
    waited = max(now - since, timedelta(0))
    if waited < timedelta(hours=1):
        return "less than an hour"
    if waited < timedelta(days=2):
        hours = int(waited / timedelta(hours=1))
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{waited.days} days"
