"""How a deployment is told where things are: environment variables `LINDUNG_*`, or files of a secrets folder.

One model for the three services: the compose file, the tests and the embedded default read the same names.
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, field_validator
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
    calibrations: Path | None = Field(
        default=None, description="Folder of proposed and active calibrations; default: VAR/calibrations."
    )
    face_engine: Literal["auto", "dlib", "faceplugin"] = Field(
        default="auto", description="Network that embeds faces; auto: faceplugin where it is installed, else dlib."
    )
    age_estimates: bool = Field(
        default=False, description="Ask for a birth record where a face looks young; the model is installed apart."
    )
    keys: Path | None = Field(default=None, description="Folder of key files; default: VAR/keys.")
    index: Literal["embedded", "milvus"] = Field(
        default="embedded", description="Where faces are searched: in the process, or on a Milvus server."
    )
    index_files: Literal["sealed", "mapped"] = Field(
        default="sealed",
        description="Snapshots of face vectors: sealed, and opened into memory; or plain, and mapped: for a disk whose "
        "protection the operator vouches for.",
    )
    milvus_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/@]+(/\w+)?$",
        description="Where Milvus is: https://host:port/database; http only on this machine.",
    )
    milvus_token_file: Path | None = Field(default=None, description="File holding `user:password` or a token.")
    milvus_ca_file: Path | None = Field(default=None, description="Certificates (PEM) that Milvus's is checked with.")
    milvus_seconds: float = Field(
        default=10.0, gt=0, description="A call to Milvus, with its retries, ends after this time."
    )
    milvus_vouched: bool = Field(
        default=False,
        description="The operator vouches for the protection of Milvus: face vectors leave the process in the open.",
    )
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
    proxies: str | None = Field(
        default=None,
        description="Addresses or networks (comma between) of the TLS proxies before the gateway, whose Client-Cert "
        "and X-Forwarded-For are believed; none: nobody's are.",
    )
    oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="The OpenID provider that people sign in with, by its issuer; http only on this machine.",
    )
    oidc_client_id: str = Field(default="lindung", description="As which client the gateway is registered there.")
    oidc_secret_file: Path | None = Field(
        default=None, description="File with the client's secret; none: the gateway signs with its own key."
    )
    oidc_mapping: Path | None = Field(
        default=None, description="File (TOML): which claims of the provider make which role, organisation and member."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    workers: int = Field(default=2, ge=1, le=64, description="Registrations worked on at the same time.")
    engine_threads: int = Field(default=2, ge=1, le=64, description="Threads that embed and compare.")
    target_fpir: float = Field(
        default=0.001,
        ge=1e-6,
        le=0.5,
        description="Share of searches, of people who are not in the gallery, that may find a candidate.",
    )
    max_body_bytes: int = Field(default=24_000_000, ge=1_000, description="Largest request body.")
    callback_hosts: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9.:\[\], -]*$",
        description="Hosts (host or host:port, comma between) that results may be sent to; none: no callbacks.",
    )
    waiting_tasks: int = Field(
        default=200, ge=1, le=100_000, description="Requests with a callback that one organisation may have waiting."
    )
    webhook_hosts: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9.:\[\], -]*$",
        description="Hosts (as callback_hosts) that notices of watches may be sent to; none: no webhooks.",
    )
    mosip_hosts: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9.:\[\], -]*$",
        description="Hosts (as callback_hosts) that CBEFF is fetched from for MOSIP's messages; none: no insert.",
    )
    mosip_key_file: Path | None = Field(
        default=None, description="RSA private key (PEM) that MOSIP's data shares are sealed for; none: not sealed."
    )
    cap_factor: float = Field(
        default=1.0, gt=0, le=1_000_000, description="Every cap on requests (access/caps.toml) times this."
    )
    directory: str | None = Field(
        default=None,
        description="Where the regional secretariat puts root.N.json and directory.json: a folder or an address; "
        "none: this node has joined no federation.",
    )
    directory_seconds: float = Field(
        default=20.0,
        gt=0,
        le=60,
        description="How often the directory is looked at: a member cut off is cut off by then.",
    )
    federation_seconds: float = Field(default=3.0, gt=0, le=30, description="How long other members are waited for.")
    csca: Path | None = Field(
        default=None, description="Folder (or file) of states' signing authorities (CSCA) that chips are verified with."
    )
    seal_signers: Path | None = Field(
        default=None, description="Folder of certificates that visible digital seals are verified with."
    )
    request_seconds: float = Field(default=60.0, gt=0, description="A request ends with 504 after this time.")

    @field_validator("proxies")
    @classmethod
    def _read_proxies(cls, named: str | None) -> str | None:
        for part in (named or "").split(","):
            if part.strip():
                ip_network(part.strip())
        return named

    @property
    def key_folder(self) -> Path:
        """Where the key files lie."""
        return self.keys or self.var / "keys"

    @property
    def calibration_folder(self) -> Path:
        """Where `lindung calibration` keeps what was proposed, signed and put in force."""
        return self.calibrations or self.var / "calibrations"

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
