"""Static files on a server: what was collected is there, node_modules is not."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

from core import icons
from core.staticfiles import VendorFinder

FONT = "vendor/inter-latin-400.woff"


@pytest.fixture
def server(tmp_path: Path):
    """A checkout without node_modules, where files were collected elsewhere."""
    with override_settings(
        BASE_DIR=tmp_path, STATIC_ROOT=tmp_path / "collected", VENDOR_FILES={FONT: "inter/400.woff"}
    ):
        yield tmp_path


def put(path: Path) -> str:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"wOFF")
    return str(path)


def test_collected_files_are_found_without_node_modules(server: Path) -> None:
    """The fonts of PDFs are among them."""
    collected = put(server / "collected" / FONT)
    finder = VendorFinder()
    assert finder.find(FONT) == collected
    assert finder.find(FONT, find_all=True) == [collected]
    assert finder.find("vendor/other.woff") is None
    assert finder.check() == []


def test_node_modules_comes_first_and_is_all_that_is_collected(server: Path) -> None:
    put(server / "collected" / FONT)
    finder = VendorFinder()
    assert list(finder.list([])) == []
    package = put(server / "node_modules" / "inter/400.woff")
    assert finder.find(FONT) == package
    assert [name for name, _storage in finder.list([])] == [FONT]


def test_what_is_nowhere_is_said(server: Path) -> None:
    finder = VendorFinder()
    assert finder.find(FONT) is None
    assert finder.find(FONT, find_all=True) == []
    assert [message.id for message in finder.check()] == ["core.W001"]


def test_a_checkout_without_icons_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its pages would open, all of them without pictures."""
    call_command("check")
    monkeypatch.setattr(icons, "FOLDER", tmp_path / "outline")
    with pytest.raises(SystemCheckError, match=r"E002.*no icons"):
        call_command("check")
