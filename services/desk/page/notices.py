"""What the worker is told before anything is captured, in their language: texts as data, with a version."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict

_FOLDER: Final = "notices"


class NoticeText(BaseModel):
    """One language's notice. `version` changes with any change of what it says, in all languages together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    name: str
    version: str
    title: str
    said: list[str]
    agree: str
    disagree: str
    receipt: str


@cache
def notices() -> dict[str, NoticeText]:
    """All notices by language, in the order of the languages' codes; English first."""
    folder = files("services.desk.page").joinpath(_FOLDER)
    texts = [NoticeText.model_validate(tomllib.loads(each.read_text(encoding="utf-8"))) for each in folder.iterdir()]
    ordered = sorted(texts, key=lambda text: (text.language != "en", text.language))
    return {text.language: text for text in ordered}
