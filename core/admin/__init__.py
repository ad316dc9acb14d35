"""The admin's base classes, used by every app, and the registrations of what the house itself keeps."""

from core.admin.base import Editable, LifecycleAdmin, LinesInline, RecordAdmin, ViewOnlyAdmin, about, amount
from core.admin.site import secure_login

__all__ = ["Editable", "LifecycleAdmin", "LinesInline", "RecordAdmin", "ViewOnlyAdmin", "about", "amount"]

secure_login()

from core.admin import api, outbox  # noqa: E402,F401  (register)
