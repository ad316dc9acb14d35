"""The page classes: an app's view is a declaration of a few lines."""

from core.pages.acts import ActPage, HandoverPage
from core.pages.base import Page
from core.pages.boards import BoardPage
from core.pages.columns import Column
from core.pages.details import DetailPage, Panel, Related, register_extra
from core.pages.forms import FormPage
from core.pages.lists import ListPage
from core.pages.urls import pages

__all__ = [
    "ActPage",
    "BoardPage",
    "Column",
    "DetailPage",
    "FormPage",
    "HandoverPage",
    "ListPage",
    "Page",
    "Panel",
    "Related",
    "pages",
    "register_extra",
]
