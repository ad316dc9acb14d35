"""Settings of what people see: the front end's files, and the administration."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# The front end's packages come from npm through the committed lock file; only these files of theirs are served.
VENDOR_FILES = {
    "vendor/tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/sortable.js": "sortablejs/Sortable.min.js",
    "vendor/tom-select.js": "tom-select/dist/js/tom-select.complete.min.js",
    "vendor/tom-select.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "vendor/echarts.js": "echarts/dist/echarts.min.js",
    "vendor/swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "vendor/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "vendor/signature_pad.js": "signature_pad/dist/signature_pad.umd.min.js",
    # Inter (SIL Open Font License), embedded in PDFs: they look the same wherever they are printed.
    **{
        f"vendor/inter-{part}-{weight}.woff": f"@fontsource/inter/files/inter-{part}-{weight}-normal.woff"
        for part in ("latin", "latin-ext", "greek", "cyrillic")
        for weight in (400, 600)
    },
}

UNFOLD = {
    "SITE_TITLE": "ZenCRM",
    "SITE_HEADER": "ZenCRM",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "hub",
    "SHOW_LANGUAGES": False,
    "COLORS": {
        # The accent of the pages (static/zencrm/zencrm.css), from light to dark.
        "primary": {
            "50": "#effaf9",
            "100": "#d3f1ef",
            "200": "#a9e2e0",
            "300": "#74cbc9",
            "400": "#43adac",
            "500": "#2a9d9d",
            "600": "#0b6e6e",
            "700": "#0b6262",
            "800": "#0c4f50",
            "900": "#0d4243",
            "950": "#04201f",
        }
    },
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("zencrm/favicon.svg")}],
    "SCRIPTS": [lambda _request: static("zencrm/admin.js")],
    "SHOW_HISTORY": False,  # each record shows its own timeline
    "SIDEBAR": {"show_search": True, "show_all_applications": True, "navigation": "zencrm.menu.admin_navigation"},
}
