"""How a deployment is told where things are: environment variables `LINDUNG_*`, or files of a secrets folder.

One model for the three services: the compose file, the tests and the embedded default read the same names.
"""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

ServiceName = Literal["registry", "biometrics", "gateway"]
SERVICES: Final[tuple[ServiceName, ...]] = ("registry", "biometrics", "gateway")


class Settings(BaseSettings):
    """One deployment's settings; immutable once read.

    Raises:
        pydantic.ValidationError: a variable has a value that cannot be read.
    """

    model_config = SettingsConfigDict(env_prefix="LINDUNG_", frozen=True, extra="ignore")

    var: Path = Field(default=Path("var"), description="Folder of the embedded databases, keys and lock.")
    models: Path | None = Field(default=None, description="Folder of installed model files; default: VAR/models.")
    face_engine: Literal["auto", "dlib", "faceplugin"] = Field(
        default="auto", description="Network that embeds faces; auto: faceplugin where it is installed, else dlib."
    )
    keys: Path | None = Field(default=None, description="Folder of key files; default: VAR/keys.")
    registry_database_url: str | None = Field(default=None, description="SQLAlchemy URL; default: SQLite.")
    biometrics_database_url: str | None = Field(default=None, description="SQLAlchemy URL; default: SQLite.")
    gateway_database_url: str | None = Field(default=None, description="SQLAlchemy URL; default: SQLite.")
    database_password_file: Path | None = Field(
        default=None, description="File holding the database password, put into the three URLs."
    )
    registry_url: str | None = Field(
        default=None, description="Where the gateway finds the registry; none: in process."
    )
    biometrics_url: str | None = Field(
        default=None, description="Where gateway and registry find the biometric service; none: in process."
    )
    member: str = Field(default="IDN", pattern=r"^[A-Z]{3}$", description="ISO 3166-1 alpha-3 of this node's member.")
    public_url: str = Field(default="http://127.0.0.1:8000", description="The gateway's address as its callers see it.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    workers: int = Field(default=2, ge=1, le=64, description="Registrations worked on at the same time.")
    engine_threads: int = Field(default=2, ge=1, le=64, description="Threads that embed and compare.")
    max_body_bytes: int = Field(default=24_000_000, ge=1_000, description="Largest request body.")
    callback_hosts: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9.:\[\], -]*$",
        description="Hosts (host or host:port, comma between) that results may be sent to; none: no callbacks.",
    )
    request_seconds: float = Field(default=60.0, gt=0, description="A request ends with 504 after this time.")

    @property
    def key_folder(self) -> Path:
        """Where the key files lie."""
        return self.keys or self.var / "keys"

    @property
    def model_folder(self) -> Path:
        """Where `lindung models install` puts model files."""
        return self.models or self.var / "models"

    def database_url(self, service: ServiceName) -> URL:
        """The async SQLAlchemy URL of a service, with the password of the secrets file put in.

        Raises:
            OSError: the password file cannot be read.
        """
        given: str | None = getattr(self, f"{service}_database_url")
        if given is None:
            return make_url(f"sqlite+aiosqlite:///{(self.var / service).absolute()}.db")
        url = make_url(given)
        if self.database_password_file is not None:
            url = url.set(password=self.database_password_file.read_text().strip())
        return url
