"""Tags that every template has (a builtin library): icons, states, money, dates, people, forms."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import formats, icons, ui

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """{% icon "user" %} beside words, {% icon "user" label=_("Owner") %} alone."""
    return icons.icon(name, str(label), classes)


@register.simple_tag
def state(record: Any) -> SafeString:
    """The state badge of a record."""
    return ui.state_badge(record.state, record.get_state_display())


@register.simple_tag
def badge(label: Any, colour: str = "secondary") -> SafeString:
    return ui.badge(label, colour)


@register.simple_tag
def money(value: Any, currency: str = "EUR") -> str:
    return formats.money(value, currency)


@register.simple_tag
def number(value: Any, places: int | None = None) -> str:
    return formats.number(value, places)


@register.simple_tag
def percent(value: Any, places: int | None = 0) -> str:
    return formats.percent(value, places)


@register.simple_tag(name="date")
def date_tag(value: Any) -> str:
    return formats.date(value)


@register.simple_tag(name="datetime")
def datetime_tag(value: Any) -> str:
    return formats.datetime(value)


@register.simple_tag
def date_hint(value: Any) -> SafeString:
    return ui.date_hint(value)


@register.simple_tag
def person(user: Any) -> SafeString:
    """A user (or a name) with initials."""
    name = user if isinstance(user, str) else (user.get_full_name() or user.get_username()) if user else ""
    return ui.person(name)


@register.simple_tag
def show(value: Any) -> Any:
    """Any value as people read it."""
    return ui.show(value)


@register.filter
def human(value: Any) -> Any:
    """The filter form of ``show``."""
    return ui.show(value)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present query string with these changes (None removes): {% query after=None q="x" %}."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}" if params else "?"


@register.inclusion_tag("components/thread.html")
def thread_bar(stages: Any) -> dict[str, Any]:
    return {"stages": stages}


@register.inclusion_tag("components/totals.html")
def totals(found: Any, currency: str = "EUR") -> dict[str, Any]:
    """Totals per VAT rate of a ``core.money.Totals``."""
    return {"totals": found, "currency": currency}


@register.inclusion_tag("components/chart.html")
def chart(chart: Any, height: str = "md") -> dict[str, Any]:
    """A ``core.charts.Chart``: the drawing and its table."""
    return {"chart": chart, "height": height}


@register.simple_tag
def button(label: Any, url: str, icon_name: str = "", tone: str = "") -> SafeString:
    css = {"primary": "btn-primary", "danger": "btn-outline-danger"}.get(tone, "")
    picture = icons.icon(icon_name) if icon_name else ""
    return format_html('<a class="btn {}" href="{}">{}{}</a>', css, url, picture, label)


class PanelNode(template.Node):
    """A card with a title around its content."""

    def __init__(self, nodes: template.NodeList, title: Any, options: dict[str, Any]) -> None:
        self.nodes, self.title, self.options = nodes, title, options

    def render(self, context: template.Context) -> str:
        values = {key: value.resolve(context) for key, value in self.options.items()}
        values |= {"title": self.title.resolve(context), "content": self.nodes.render(context)}
        found = context.template.engine.get_template("components/panel.html")  # type: ignore[union-attr]
        with context.push(**values):
            return found.render(context)


@register.tag
def panel(parser: template.base.Parser, token: template.base.Token) -> PanelNode:
    """{% panel _("Title") icon="user" %}...{% endpanel %}"""
    _name, *bits = token.split_contents()
    title, *rest = bits
    options = {key: parser.compile_filter(value) for key, value in (bit.split("=", 1) for bit in rest)}
    nodes = parser.parse(("endpanel",))
    parser.delete_first_token()
    return PanelNode(nodes, parser.compile_filter(title), options)
