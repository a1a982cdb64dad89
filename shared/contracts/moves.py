"""What can be done next with a record: the moves that it offers to whoever reads it."""

from pydantic import BaseModel, Field


class MoveOffered(BaseModel):
    """A move that the reader's office can make now."""

    move: str
    codes: list[str] = Field(description="One of them goes with the move; empty: none does.")
