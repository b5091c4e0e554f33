"""The people's hours: when somebody is at the desk, and by when something is promised in time that they work."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from lending.calendar import staff_work
from lending.model import LIBRARY_ZONE
from lending.policy import Policy
from lending.rules import Calendar, Desk


def staffed(desk: Desk, moment: datetime, rules: Calendar) -> bool:
    """Whether people are at the desk at that moment: its weekdays, 调休 too, and not on New Year's Eve."""
    local = moment.astimezone(LIBRARY_ZONE)
    return staff_work(local.date(), rules, desk.weekdays) and desk.opens <= local.time() < desk.closes


def within(desk: Desk, hours: int, now: datetime, rules: Calendar) -> datetime:
    """That many hours of desk time from now: what is asked at night is counted from the morning."""
    left, moment = timedelta(hours=hours), now.astimezone(LIBRARY_ZONE)
    while True:
        opens = datetime.combine(moment.date(), desk.opens, LIBRARY_ZONE)
        closes = datetime.combine(moment.date(), desk.closes, LIBRARY_ZONE)
        begin = max(moment, opens)
        if staff_work(moment.date(), rules, desk.weekdays) and begin < closes:
            if begin + left <= closes:
                return begin + left
            left -= closes - begin
        moment = datetime.combine(moment.date() + timedelta(days=1), time(0), LIBRARY_ZONE)


def ready_by(policy: Policy, now: datetime) -> datetime:
    """When books ordered now are promised to be ready (A9-4): so many hours on, never at an hour when nobody works."""
    due = now + timedelta(hours=policy.promise.ready_hours)
    return due if staffed(policy.desk, due, policy.calendar) else within(policy.desk, 0, due, policy.calendar)


def review_by(policy: Policy, now: datetime) -> datetime:
    """When a person will have looked at an order that no rule could approve (E1-10)."""
    return within(policy.desk, policy.review.answer_hours, now, policy.calendar)
