"""What people do about a record: tasks, calls and meetings to come, notes, files and e-mails left behind; who is told."""

from activities.models.acts import About, Activity, Note, Plan, PlanStep
from activities.models.mail import Email, MailTemplate
from activities.models.telling import CalendarFeed, Notification, NotificationChoice

__all__ = [
    "About",
    "Activity",
    "CalendarFeed",
    "Email",
    "MailTemplate",
    "Note",
    "Notification",
    "NotificationChoice",
    "Plan",
    "PlanStep",
]
