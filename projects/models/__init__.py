"""Projects (job orders): the work a contract asks for, and the ledger of what it was meant to cost and does."""

from projects.models.bookings import Entry, Expense, TimeEntry
from projects.models.project import Project

__all__ = ["Entry", "Expense", "Project", "TimeEntry"]
