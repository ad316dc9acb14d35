"""The mail catcher, the Makefile's targets, what a command starts, and the container files."""

import os
import re
import smtplib
import socket
import subprocess
import sys
import time
from dataclasses import fields
from email.message import EmailMessage
from pathlib import Path

import pytest
import yaml

from core import identity
from zencrm import embedded

CHECKOUT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_mail_becomes_a_file(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "zencrm.mailcatcher", "--port", str(port), "--folder", str(tmp_path)]
    catcher = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
    try:
        assert "Catching mail" in catcher.stderr.readline()
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "Offerta è pronta", "crm@example.com", "../anna@example.com"
        mail.set_content("Gentile Anna")
        mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="offerta.pdf")
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            client.send_message(mail)
        (kept,) = tmp_path.glob("*.eml")
        assert b"offerta.pdf" in kept.read_bytes()
        assert kept.name.endswith("anna@example.com.eml")
        assert "Offerta è pronta" in catcher.stderr.readline()
    finally:
        catcher.terminate()
        catcher.communicate(timeout=10)
    assert catcher.returncode == 0


@pytest.mark.parametrize("target", ["help", "demo", "demo-reset", "test", "check", "bench", "seed", "setup", "clean"])
def test_make_knows_the_target(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_make_alone_lists_the_targets() -> None:
    done = subprocess.run(["make"], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True)
    for target in ("demo", "demo-reset", "test", "check", "bench", "seed"):
        assert f"\n  {target} " in done.stdout


@pytest.mark.parametrize("script", ["get-uv", "get-pango", "npm", "get-chromium"])
def test_scripts_are_plain_shell(script: str) -> None:
    done = subprocess.run(["sh", "-n", f"scripts/{script}"], cwd=CHECKOUT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("argv", "starts"),
    [
        (["manage.py"], None),
        (["manage.py", "help"], None),
        (["manage.py", "check", "--deploy"], None),
        (["manage.py", "catalogue", "--check"], None),
        (["manage.py", "migrate", "--help"], None),
        (["manage.py", "migrate"], False),
        (["manage.py", "makemigrations", "--check"], False),
        (["manage.py", "runserver"], True),
    ],
)
def test_a_command_starts_what_it_needs(argv: list[str], starts: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """None: nothing. False: PostgreSQL. True: Redis as well."""
    asked: list[bool] = []
    monkeypatch.setattr(embedded, "start_configured", lambda *, redis: asked.append(redis))
    embedded.start_for_command(argv)
    assert asked == ([] if starts is None else [starts])


def test_the_demo_refuses_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environ = {**os.environ, "DEMO": "1", "ZENCRM_VAR": str(tmp_path), "PORT": str(taken.getsockname()[1])}
        command = [sys.executable, "-m", "zencrm.demo_server"]
        started = time.monotonic()
        done = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "is in use. Choose another one: PORT=8123 make demo" in done.stderr
    assert time.monotonic() - started < 30, "it says so before it starts anything"


def test_the_demo_needs_demo_mode(tmp_path: Path) -> None:
    environ = {**os.environ, "DEMO": "0", "ZENCRM_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "zencrm.demo_server"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "make demo" in done.stderr


def test_compose_runs_the_whole_house() -> None:
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
    assert compose["services"].keys() == {"migrate", "web", "worker", "beat", "db", "redis"}
    for name in ("web", "worker", "beat"):
        assert compose["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    known = {line.split("=")[0] for line in (CHECKOUT / ".env.example").read_text().splitlines() if "=" in line}
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "POSTGRES_PASSWORD", "EMAIL_URL"} <= known


def test_compose_asks_each_service_for_its_own_health() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
    worker = services["worker"]["healthcheck"]["test"]
    assert "--destination" in worker[1], "else another worker answers for a dead one"
    assert "$$HOSTNAME" in worker[1], "the container's, not that of the machine that reads the file"
    assert "-h" in services["db"]["healthcheck"]["test"], "its socket answers before the database is there for others"


def test_backups_stay_out_of_the_image() -> None:
    """docs/deploy.md writes them into the checkout, whence the image is built."""
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    kept = re.findall(r"[\w-]+-\$\(date \+%F\)(\.\w+)", (CHECKOUT / "docs/deploy.md").read_text())
    assert {".dump", ".tgz"} <= set(kept)
    assert {f"*{ending}" for ending in kept} | {".env"} <= set(ignored)


def settings_read() -> set[str]:
    """The names that settings ask the environment for."""
    source = "".join((CHECKOUT / "zencrm" / name).read_text() for name in ("settings.py", "environment.py"))
    return set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source))


def test_the_example_lists_what_a_server_can_be_told() -> None:
    listed = set(re.findall(r"^([A-Z0-9_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))
    company = {f"ZENCRM_COMPANY_{field.name.upper()}" for field in fields(identity.Company)}
    of_the_machine = {"DEBUG", "DEMO", "ZENCRM_VAR", "MEDIA_ROOT"}
    assert listed == settings_read() - of_the_machine | company | {"POSTGRES_PASSWORD"}


def run_settings(tmp_path: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """Prints the key and the database's name, as a process finds them that has nothing but these values."""
    names = {key: value for key, value in os.environ.items() if not key.startswith(("SECRET_KEY", "DATABASE_URL"))}
    print_both = (
        "from zencrm import settings; print(repr((settings.SECRET_KEY, settings.DATABASES['default']['NAME'])))"
    )
    environ = {**names, "ZENCRM_VAR": str(tmp_path / "var"), **values}
    return subprocess.run(
        [sys.executable, "-c", print_both], cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=60
    )


def test_a_secret_in_a_file_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a long random text\n")
    (tmp_path / "url").write_text("postgres://zencrm:secret@db:5432/zencrm\n")
    done = run_settings(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"), DATABASE_URL_FILE=str(tmp_path / "url"))
    assert done.stdout == "('a long random text', 'zencrm')\n", done.stderr


def test_no_key_where_none_can_be_kept_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "var").symlink_to(tmp_path / "gone" / "var")
    done = run_settings(tmp_path, SECRET_KEY="", DATABASE_URL="postgres://zencrm@db/zencrm")
    assert done.returncode != 0
    assert "SECRET_KEY is empty" in done.stderr.splitlines()[-1]


def test_hooks_call_targets_that_exist() -> None:
    hooks = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = [hook["entry"].split()[1] for hook in hooks if hook["entry"].startswith("make ")]
    assert targets
    assert all(f"\n{target}:" in makefile for target in targets)
