"""Caps that were raised or lowered for a client."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.tables import Base
from shared.db.database import UtcDateTime


class ClientCapRow(Base):
    """The limit of one client in the place of its role's."""

    __tablename__ = "gateway_client_caps"

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    cap: Mapped[str] = mapped_column(String(40), primary_key=True)
    minute: Mapped[int]
    day: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
