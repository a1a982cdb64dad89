"""Lists that come into the register and go out of it: FollowTheMoney JSON lines, and CSV with a mapping."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.lines import Line
from shared.contracts.parties import PROPERTIES, Schema

MAX_PART_BYTES: Final = 4_000_000
MAX_PARTS: Final = 10_000

SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Which list: the same for every edition of it."""

ImportId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Cells(BaseModel):
    """Where a value comes from: the first column that is not empty, or all of them.

    `split` parts a cell into several values; `values` puts words of the list into those of the register (a word that
    is not among them stays as it is, or the line is refused with `strict`); `by_length` tells by a cell's number of
    characters (a tax number of a person from one of a company); `date` reads a date by strptime's codes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Annotated[tuple[Column, ...], Field(max_length=20)] = ()
    constant: Line | None = None
    join: Annotated[str, StringConstraints(max_length=5)] | None = None
    split: Annotated[str, StringConstraints(min_length=1, max_length=5)] | None = None
    values: Annotated[dict[str, str], Field(max_length=1000)] = Field(default_factory=dict)
    by_length: Annotated[dict[str, str], Field(max_length=20)] = Field(default_factory=dict)
    strict: bool = False
    date: Annotated[str, StringConstraints(min_length=2, max_length=40)] | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if bool(self.columns) == bool(self.constant):
            raise ValueError("either columns or a constant")
        return self


class Mapping(BaseModel):
    """How the rows of a CSV list become parties."""

    model_config = ConfigDict(extra="forbid")

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    id: Annotated[tuple[Column, ...], Field(min_length=1, max_length=5, description="Columns that name a row.")]
    schema_: Cells = Field(alias="schema")
    properties: Annotated[dict[str, list[Cells]], Field(min_length=1, max_length=40)]
    listed_from: Cells | None = None
    listed_to: Cells | None = None
    grounds: Cells | None = None
    national_code: Cells | None = Field(default=None, description="The list's own word for the standing, verbatim.")

    @model_validator(mode="after")
    def _fits_the_model(self) -> Self:
        unknown = set(self.properties) - PROPERTIES["LegalEntity"]
        if unknown:
            raise ValueError(f"no such property: {', '.join(sorted(unknown))}")
        return self


class ImportOrder(BaseModel):
    """A list that is about to be sent in parts."""

    model_config = ConfigDict(extra="forbid")

    source: SourceId
    format: Literal["ftm", "csv"]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the file: the same file sent again goes on where it stopped."
    )
    parts: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    mapping: Mapping | None = None
    header: Annotated[list[str], Field(max_length=500)] | None = Field(default=None, description="CSV's column names.")
    dry_run: bool = False
    delta: bool = Field(default=False, description="The file holds changes only: what it lacks is not delisted.")

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.format == "csv" and not (self.mapping and self.header):
            raise ValueError("CSV needs a mapping and a header")
        if self.mapping and self.header:
            named = {column for cells in _all_cells(self.mapping) for column in cells.columns} | set(self.mapping.id)
            missing = sorted(named - set(self.header))
            if missing:
                raise ValueError(f"the list has no column {', '.join(missing)}")
        return self


def _all_cells(mapping: Mapping) -> list[Cells]:
    single = (mapping.schema_, mapping.listed_from, mapping.listed_to, mapping.grounds, mapping.national_code)
    return [*(cells for some in mapping.properties.values() for cells in some), *(cells for cells in single if cells)]


class ImportPart(BaseModel):
    """Whole lines of a list, in their order; the header is not among them."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(max_length=MAX_PART_BYTES)]


class ImportState(StrEnum):
    """How far an import has got."""

    RECEIVING = "receiving"
    READING = "reading"
    DELISTING = "delisting"
    INDEXING = "indexing"
    DONE = "done"


class ImportRecord(BaseModel):
    """An import, and how far it has got. New parties of a large import are found by screening once it is done."""

    id: str
    source: str
    state: ImportState
    dry_run: bool
    parts: int
    parts_received: int
    parts_read: int
    lines: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    delisted: int
    created_at: datetime
    finished_at: datetime | None


class Rejection(BaseModel):
    """A line that was not taken, and why. The reason holds nothing of the line."""

    line: int = Field(description="As an editor counts: the header of a CSV file is line 1.")
    reason: str


class RejectionPage(BaseModel):
    """Some rejected lines, in their order."""

    results: list[Rejection]
    next: int | None = Field(description="The `after` of the next page; null on the last.")


class ListEntry(BaseModel):
    """What a source list says of a party."""

    source: str
    listed_from: date | None
    listed_to: date | None
    grounds: str | None
    national_code: str | None
    delisted_at: datetime | None = Field(description="When the list no longer named the party; it is not forgotten.")


class ExportedParty(BaseModel):
    """A party as FollowTheMoney's JSON has it, with what became of it."""

    model_config = ConfigDict(populate_by_name=True)

    op: Literal["ADD", "MOD", "DEL"]
    id: str
    caption: str
    schema_: Schema = Field(alias="schema")
    properties: dict[str, list[str]]
    datasets: list[str]
    first_seen: datetime
    last_change: datetime
    lists: list[ListEntry]


class ExportPage(BaseModel):
    """Some parties, in the order of their ids."""

    results: list[ExportedParty]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
