"""The configuration, read once from the environment and from `.env`.

Every field is the variable of the same name in capitals; `.env.example` explains each. Nothing below this module reads
the environment. Nothing has to be set, except in production, where no default is used silently.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from skillswap.secret_file import SecretFileProblem, keep_secret

Role = Literal["run", "api", "bot", "worker"]

MIN_SECRET_BYTES: Final = 32
MAX_PORT: Final = 65535
MAX_DATABASE_NAME_BYTES: Final = 63
DEFAULT_DATABASE: Final = "skillswap"
SECRET_FILE: Final = "nextauth.secret"  # noqa: S105 - a file's name
MIN_NAME_LENGTH: Final = 7
"""A shorter name that resembles a setting is more likely another program's."""

NEAR_NAME: Final = 0.86
"""Similarity (0 to 1) from which on a name is taken for a misspelt setting."""

UNROUTABLE: Final = {"0.0.0.0", "::", ""}  # noqa: S104 - listening everywhere is not an address to open

CLOUDINARY: Final = ("CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET")
# All or none of each must be set: ignoring half a provider would hide a mistake.
TOGETHER: Final = (
    CLOUDINARY,
    ("GOOGLE_ID", "GOOGLE_SECRET"),
    ("GITHUB_ID", "GITHUB_SECRET"),
    ("OIDC_ISSUER", "OIDC_ID", "OIDC_SECRET"),
    ("TELEGRAM_OIDC_ID", "TELEGRAM_OIDC_SECRET"),
    ("EMAIL_SERVER", "EMAIL_FROM"),
)
# Variables that a role cannot work without. The bot issues sign-in links that the API redeems: both need the secret.
NEEDED: Final[dict[Role, tuple[str, ...]]] = {
    "api": ("MONGODB_URI", "NEXTAUTH_SECRET", "NEXTAUTH_URL", *CLOUDINARY, "EMAIL_SERVER"),
    "bot": ("MONGODB_URI", "TELEGRAM_BOT_TOKEN", "NEXTAUTH_SECRET", "NEXTAUTH_URL", *CLOUDINARY),
    "worker": ("MONGODB_URI", "TELEGRAM_BOT_TOKEN", "NEXTAUTH_URL", *CLOUDINARY, "EMAIL_SERVER"),
    "run": ("MONGODB_URI", "TELEGRAM_BOT_TOKEN", "NEXTAUTH_SECRET", "NEXTAUTH_URL", *CLOUDINARY, "EMAIL_SERVER"),
}


class SettingsProblem(Exception):
    """The configuration is not valid. `lines` has one line per problem, each naming its variable."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _split(value: Any) -> Any:
    """Split a comma-separated list; a value that is not text is left to the type."""
    if isinstance(value, int):
        return (value,)
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port  # accessed because it validates
    except ValueError:
        raise ValueError("has a host or a port that cannot be") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", value):
        raise ValueError("should be a web address such as https://swap.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("should be a plain web address, without a user, a query or a fragment")
    return value


def _base_address(value: str) -> str:
    return _web_address(value).rstrip("/")


def _origin(value: str) -> str:
    if value == "*":
        raise ValueError("cannot be *: the session cookie is sent, so every origin must be named")
    origin = _base_address(value)
    if urlsplit(origin).path:
        raise ValueError("should list origins such as https://app.example.org, without a path")
    return origin.lower()


def _server(*schemes: str) -> AfterValidator:
    """Return a validator of a secret address with one of the schemes. The address never enters the error: it may
    contain a password."""

    def check(value: SecretStr) -> SecretStr:
        scheme, _, rest = value.get_secret_value().partition("://")
        if scheme not in schemes or not rest or re.search(r"\s", rest):
            raise ValueError(f"should start with {' or '.join(f'{known}://' for known in schemes)} and name a host")
        return value

    return AfterValidator(check)


def _bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", value.get_secret_value()):
        raise ValueError("should be the bot's token as BotFather gave it: digits, a colon, letters")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise ValueError("should be 1 to 256 of A-Z, a-z, 0-9, _ and -")
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("should list addresses or networks such as 10.0.0.7 or 10.0.0.0/8") from None


def _beside(data: dict[str, Any]) -> int:
    port = int(data["port"])
    return port + 1 if 0 < port < MAX_PORT else 0


Port = Annotated[int, Field(ge=0, le=MAX_PORT)]
BaseAddress = Annotated[str, AfterValidator(_base_address)]
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
Capitals = BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)

WEBHOOK_PATH: Final = "/telegram/webhook"


class Settings(BaseModel):
    """The immutable configuration of one process, built by `Settings.load()`."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, validate_default=True)

    skillswap_env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: Port = 8080
    sandbox_port: Port = Field(default_factory=_beside)
    drain_seconds: float = Field(default=0.0, ge=0, le=60)
    data_dir: Folder = Field(default=Path("var"), validate_default=True)
    mongodb_uri: Annotated[SecretStr, _server("mongodb", "mongodb+srv")] | None = None

    cloudinary_cloud_name: str | None = None
    cloudinary_api_key: str | None = None
    cloudinary_api_secret: SecretStr | None = None
    cloudinary_upload_prefix: BaseAddress | None = None

    nextauth_secret: SecretStr | None = None
    nextauth_secret_old: SecretStr | None = None
    nextauth_url: BaseAddress | None = None
    email_server: Annotated[SecretStr, _server("smtp", "smtps")] | None = None
    email_from: str | None = None
    google_id: str | None = None
    google_secret: SecretStr | None = None
    github_id: str | None = None
    github_secret: SecretStr | None = None
    oidc_issuer: Annotated[str, AfterValidator(_web_address)] | None = (
        None  # compared character by character: kept as given
    )
    oidc_id: str | None = None
    oidc_secret: SecretStr | None = None

    telegram_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = None
    telegram_api_url: BaseAddress | None = None
    telegram_webhook_url: BaseAddress | None = None
    telegram_oidc_id: str | None = None
    telegram_oidc_secret: SecretStr | None = None
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None

    cors_origins: Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_split)] = ()
    trusted_proxies: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_split)] = ()
    metrics_port: Port | None = None
    metrics_token: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None
    admin_telegram_ids: Annotated[tuple[Annotated[int, Field(gt=0)], ...], BeforeValidator(_split)] = ()
    log_format: Literal["text", "json"] = "text"
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Capitals] = "INFO"

    @classmethod
    def load(cls, env_file: Path | str | None = ".env", **overrides: Any) -> Self:
        """Read the environment, then `env_file` for variables that it does not set; `overrides` (field names) win over
        both.

        Raises SettingsProblem.
        """
        try:
            return cls.model_validate({**_in_file(env_file), **_by_field(os.environ), **overrides})
        except ValidationError as error:
            lines = tuple(line for item in error.errors() for line in _worded(item))
        except UnicodeDecodeError:  # a ValueError whose text would show bytes of the file
            lines = (f"{env_file}: is not UTF-8 text",)
        except OSError as error:
            lines = (f"{env_file}: cannot be read ({error.strerror})",)
        raise SettingsProblem(*lines)  # outside the except: the cause, which may quote a secret, is not chained

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        lines = []
        for names in TOGETHER:
            absent = [name for name in names if not self._has(name)]
            if absent and len(absent) < len(names):
                present = ", ".join(name for name in names if name not in absent)
                lines += [f"{name}: is missing, but {present} is set; set all of them or none" for name in absent]
        if self.telegram_webhook_url and not self.telegram_bot_token:
            lines.append(
                "TELEGRAM_WEBHOOK_URL: is set, but TELEGRAM_BOT_TOKEN is missing; the sandbox pushes no updates to it"
            )
        if self.telegram_webhook_url and not self.telegram_webhook_secret:
            lines.append(
                "TELEGRAM_WEBHOOK_SECRET: is missing, but TELEGRAM_WEBHOOK_URL is set; anyone could post to it"
            )
        if not re.fullmatch(r"[^/\\. \"$*<>:|?\x00]+", self.database_name) or (
            len(self.database_name.encode()) > MAX_DATABASE_NAME_BYTES
        ):
            lines.append("MONGODB_URI: its path is not a possible database name")
        if self.is_production:
            for name in ("NEXTAUTH_SECRET", "TELEGRAM_WEBHOOK_SECRET"):
                secret = getattr(self, name.lower())
                if secret and len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
                    lines.append(f"{name}: should have at least {MIN_SECRET_BYTES} bytes (openssl rand -hex 32)")
        if lines:
            raise ValueError("\n".join(lines))
        return self

    def _has(self, name: str) -> bool:
        return getattr(self, name.lower()) is not None

    def missing_for(self, role: Role) -> list[str]:
        """Return the variables that `role` needs in production and that are not set; empty outside production."""
        return [name for name in NEEDED[role] if not self._has(name)] if self.is_production else []

    def demand(self, role: Role) -> None:
        """Raise SettingsProblem with a line for each variable of `missing_for(role)`."""
        lines = [f"{name}: is missing (SKILLSWAP_ENV=production uses no defaults)" for name in self.missing_for(role)]
        if lines:
            raise SettingsProblem(*lines)

    def secret_values(self) -> list[str]:
        """Return all secrets that are set, in clear text, for the logs to redact."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    @property
    def is_production(self) -> bool:
        return self.skillswap_env == "production"

    @property
    def sandboxed(self) -> bool:
        """Return whether the bot talks to the sandbox, for lack of a token."""
        return self.telegram_bot_token is None

    @property
    def database_name(self) -> str:
        uri = self.mongodb_uri.get_secret_value() if self.mongodb_uri else ""
        path = uri.partition("://")[2].partition("?")[0].partition("/")[2]
        return unquote(path) or DEFAULT_DATABASE

    @property
    def webhook(self) -> tuple[str, str] | None:
        """Address of the bot's webhook and its secret; None without one."""
        base, secret = self.telegram_webhook_url, self.telegram_webhook_secret
        if base is None or secret is None:
            return None
        return base if base.endswith(WEBHOOK_PATH) else f"{base}{WEBHOOK_PATH}", secret.get_secret_value()

    @property
    def public_url(self) -> str:
        """Return the public address of the service without a trailing slash. NEXTAUTH_URL may end in /api/auth."""
        if self.nextauth_url:
            return self.nextauth_url.removesuffix("/api/auth")
        host = "127.0.0.1" if self.host in UNROUTABLE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _in_file(env_file: Path | str | None) -> dict[str, str]:
    """Return what a file sets; one that is missing sets nothing."""
    return {} if env_file is None else _by_field(dotenv_values(Path(env_file).expanduser()))


def _by_field(variables: Mapping[str, str | None]) -> dict[str, str]:
    """Return variables by the names of fields. `MONGODB_URI=` in a copy of .env.example means "not set"."""
    return {name.lower(): value for name, value in variables.items() if value}


def _worded(item: Any) -> list[str]:
    """Return one pydantic error as lines, never with the value."""
    if item["type"] == "default_factory_not_called":  # follows from another field's error, which has its own line
        return []
    text = str(item["msg"]).removeprefix("Value error, ")
    if not item["loc"]:
        return text.split("\n")
    return [f"{str(item['loc'][0]).upper()}: {text.replace('Input should', 'should')}"]


def misspelt_variables(env_file: Path | str | None = ".env") -> list[str]:
    """Return a line for each variable of `env_file` or the environment that is not a setting, but nearly one.

    Others are left alone: the file may be shared with a front end, and the environment is everybody's.
    """
    known = variables()
    lines = []
    for name, source in _given_names(env_file).items():
        near = [] if name in known or len(name) < MIN_NAME_LENGTH else get_close_matches(name, known, 1, NEAR_NAME)
        lines += [f"{source}: {name} is not a setting; did you mean {setting}?" for setting in near]
    return lines


def _given_names(env_file: Path | str | None) -> dict[str, str]:
    """Return the names of all variables in capitals, each with the place where it stands."""
    in_file: dict[str, Any] = {}
    if env_file is not None:
        with suppress(OSError, UnicodeDecodeError):  # `Settings.load` reports them
            in_file = dotenv_values(env_file, interpolate=False)
    return {name.upper(): "environment" for name in os.environ} | {name.upper(): str(env_file) for name in in_file}


def variables() -> list[str]:
    """Return the names of all variables, in the order of `.env.example`."""
    return [name.upper() for name in Settings.model_fields]


def roles() -> tuple[str, ...]:
    return get_args(Role)


def generated_secret(data_dir: Path) -> str:
    """Return the NEXTAUTH_SECRET kept in `data_dir`, created on first use: 64 hex digits, readable by the owner only.

    Blocks on files. Safe when several processes start at once. Raises SettingsProblem.
    """
    try:
        return keep_secret(data_dir / SECRET_FILE, MIN_SECRET_BYTES)
    except SecretFileProblem as problem:
        raise SettingsProblem(f"DATA_DIR: {problem}") from None


def environment_with(**settings: str) -> dict[str, str]:
    """Return the environment of a process that is started with these settings besides our own."""
    return {**os.environ, **settings}
