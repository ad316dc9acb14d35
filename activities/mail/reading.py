"""An e-mail as people read it: what its writer says, and below it what they quote."""

import re

#: Lines with which programs begin the quotation of what is answered.
_BEGINS = re.compile(
    r"^\s*(>|-{3,}\s*(original message|messaggio originale|forwarded message|messaggio inoltrato)"
    r"|(on|il|le|am)\s.{4,200}\s(wrote|ha scritto|a écrit|schrieb)\s?:?\s*$"
    r"|_{20,}\s*$|(from|da|von):\s.+@)",
    re.IGNORECASE,
)


def split(text: str) -> tuple[str, str]:
    """(the writer's own words, the quotation below them). A text that is all quotation is all the writer's."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if _BEGINS.match(line) and any(kept.strip() for kept in lines[:number]):
            return "\n".join(lines[:number]).rstrip(), "\n".join(lines[number:]).strip()
    return text.strip(), ""


def own_words(text: str) -> str:
    return split(text)[0]
