"""Where the bytes of files are: in their row, or in the bucket (S3_BUCKET) once a worker has moved them there.

A file is kept in the transaction of what it belongs to, so in the database at first. A worker uploads it and lets the row go of
its bytes in one transaction more: whoever is killed in between leaves an object that the next turn finds. Objects are named by
the SHA-256 of their bytes, so equal files share one, and nobody can be given other bytes than those that were kept.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Left
from django.utils.translation import gettext as _

#: Files that one turn of the job moves.
MOST = 200
#: The number of our advisory locks.
_LOCK = 7_304_114
#: Rows that wait to be moved, and rows whose object is to go; the index `file_to_move` has these only.
WAITING = Q(content__isnull=False, stored="", size__gt=0)
ERASED = Q(content__isnull=False) & ~Q(stored="")
log = logging.getLogger("zencrm.files")


class Unavailable(Exception):
    """The bucket does not give out the bytes of a file."""


class Lost(Unavailable):
    """The bucket answers, but the object is missing or holds other bytes."""


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def key_of(sha256: str) -> str:
    """The name of the object with these bytes."""
    return f"files/{sha256[:2]}/{sha256}"


def fetch(key: str, sha256: str) -> bytes:
    """The bytes of an object, checked. Raises `Unavailable`, which is in the log then."""
    content = _object(key)
    if content is None:
        log.error("a file is missing in the bucket: %s", key)
        raise Lost(_("The file is missing in the bucket."))
    if digest(content) != sha256:
        log.error("a file in the bucket is damaged: %s", key)
        raise Lost(_("The file is damaged in the bucket."))
    return content


def _object(key: str) -> bytes | None:
    with _asking(key), suppress(FileNotFoundError), default_storage.open(key) as found:
        return bytes(found.read())
    return None


@contextmanager
def _asking(key: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # boto's errors have no base in common, and boto is not loaded before it is needed
        log.error("the bucket failed: %s: %r", key, error)
        raise Unavailable(_("The bucket failed: %(error)s") % {"error": error}) from error


# --- Out, and back --------------------------------------------------------------------------------------------------------


def keep_up() -> None:
    """A turn of the job: what was erased leaves the bucket, what is new goes into it. Without a bucket nothing is done."""
    if settings.S3_BUCKET:
        with suppress(Unavailable):  # it is in the log; the next turn tries again
            drop_erased()
            move_out(most=MOST)


def move_out(*, most: int = 0) -> int:
    """Move files into the bucket, oldest first, at most so many (0: all). Returns how many; raises `Unavailable`.

    Files without bytes, as erased ones are, stay where they are.
    """
    return _each(WAITING, _out, most=most)


def _out(file: Any) -> None:
    """The row lets go of its bytes only when the bucket has given the same ones back."""
    key = key_of(file.sha256)
    _alone_with(key)
    found = _object(key)  # of an equal file, or of a worker that was killed
    if found is None or digest(found) != file.sha256:
        with _asking(key):
            default_storage.save(key, ContentFile(bytes(file.content)))
        fetch(key, file.sha256)
    file.content, file.stored = None, key
    file.save(update_fields=["content", "stored"])


def bring_back() -> tuple[int, list[int]]:
    """Bring every file back into the database; the objects stay. Raises `Unavailable`.

    Returns how many came back, and the ids of those that the bucket has lost.
    """
    lost: list[int] = []

    def back(file: Any) -> None:
        try:
            file.content, file.stored = file.read(), ""
        except Lost:
            lost.append(file.pk)
        else:
            file.save(update_fields=["content", "stored"])

    return _each(Q(content=None), back) - len(lost), lost


def _each(which: Q, act: Callable[[Any], None], *, most: int = 0) -> int:
    """One transaction each: no lock is held for longer than a file takes. Those that others are at are left to them."""
    from core.models import File

    done = last = 0
    while not most or done < most:
        with transaction.atomic():
            rows = File.objects.select_for_update(skip_locked=True).filter(which, pk__gt=last)
            file = rows.order_by("pk").first()
            if file is None:
                break
            act(file)
        done, last = done + 1, file.pk
    return done


def _alone_with(key: str) -> None:
    """Until the transaction ends nobody else uploads or deletes this object: its last file may go while an equal one comes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, key])


# --- Erasing --------------------------------------------------------------------------------------------------------------


def empty(rows: Any, **values: Any) -> None:
    """Take the bytes out of these rows; `values` are what their other columns become. The objects go after the commit.

    A row that has bytes, if none, and still names an object says that the object is to go. It is named also for a file that
    was not moved yet: a worker that was killed may have left one.
    """
    from core.outbox import kick

    here = bool(settings.S3_BUCKET)
    named = Concat(Value("files/"), Left("sha256", 2), Value("/"), "sha256") if here else F("stored")
    rows.update(**values, content=b"", size=0, sha256=digest(b""), stored=named)
    if here:
        transaction.on_commit(partial(kick, "core.move_files"), robust=True)


def drop_erased() -> int:
    """Delete the objects of files that were erased, unless an equal file has them still. Raises `Unavailable`."""
    return _each(ERASED, _drop)


def _drop(file: Any) -> None:
    _alone_with(file.stored)
    if not type(file).objects.filter(content=None, stored=file.stored).exists():
        with _asking(file.stored):
            default_storage.delete(file.stored)
    file.stored = ""
    file.save(update_fields=["stored"])
