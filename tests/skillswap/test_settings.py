"""Settings: every variable is explained, every mistake names its variable, and no secret is shown."""

from __future__ import annotations

import io
import json
import logging
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from skillswap.logs import configure_logs, redact, request_id
from skillswap.settings import Settings, SettingsProblem, generated_secret, misspelt_variables, roles, variables

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SECRET = "canary-3f9c1d77aa52"
SECRETS: dict[str, Any] = {
    "mongodb_uri": f"mongodb://ana:{SECRET}@db.example.org/swaps",
    "nextauth_secret": SECRET,
    "nextauth_secret_old": SECRET,
    "telegram_bot_token": f"424242:{SECRET}",
    "email_server": f"smtp://ana:{SECRET}@mail.example.org",
    "email_from": "hello@swap.example.org",
}
PRODUCTION_NEEDS = {
    "MONGODB_URI",
    "TELEGRAM_BOT_TOKEN",
    "NEXTAUTH_SECRET",
    "NEXTAUTH_URL",
    "CLOUDINARY_CLOUD_NAME",
    "CLOUDINARY_API_KEY",
    "CLOUDINARY_API_SECRET",
    "EMAIL_SERVER",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def load(**values: Any) -> Settings:
    return Settings.load(None, **values)


def problems(**values: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsProblem) as caught:
        load(**values)
    return caught.value.lines


def test_the_example_names_every_variable_and_no_other() -> None:
    named = re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(variables())


def test_every_variable_of_the_example_is_explained_above_it() -> None:
    explained = False
    for line in EXAMPLE.read_text().splitlines():
        if re.match(r"#?[A-Z_]+=", line):
            assert explained, f"{line} has no comment"
        else:
            explained = len(line) > len("# ---") and not line.startswith("# ---")


def test_the_example_works_when_copied_as_it_is(tmp_path: Path) -> None:
    for text in (EXAMPLE.read_text(), re.sub(r"^#([A-Z_]+=)$", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)):
        copy = tmp_path / ".env"
        copy.write_text(text)
        assert Settings.load(copy) == load()


def test_a_webhook_needs_a_bot_token() -> None:
    lines = problems(telegram_webhook_url="https://swap.example.org", telegram_webhook_secret="s" * 32)
    assert [line for line in lines if line.startswith("TELEGRAM_WEBHOOK_URL: ") and "TELEGRAM_BOT_TOKEN" in line]


def test_misspelt_variables_are_named_with_the_setting_they_resemble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("TELEGRAM_BOT_TOKN=1:a\nmongodb_url=mongodb://x\nSMTP_HOST=x\nNEXTAUTH_SECRET=kept\n")
    monkeypatch.setenv("CLOUDINARY_CLOUDNAME", "x")
    assert sorted(misspelt_variables(env_file)) == sorted(
        [
            f"{env_file}: TELEGRAM_BOT_TOKN is not a setting; did you mean TELEGRAM_BOT_TOKEN?",
            f"{env_file}: MONGODB_URL is not a setting; did you mean MONGODB_URI?",
            "environment: CLOUDINARY_CLOUDNAME is not a setting; did you mean CLOUDINARY_CLOUD_NAME?",
        ]
    )


def test_the_example_has_no_misspelt_variable() -> None:
    assert [line for line in misspelt_variables(EXAMPLE) if line.startswith(str(EXAMPLE))] == []


def test_settings_have_defaults() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.sandbox_port) == ("127.0.0.1", 8080, 8081)
    assert settings.data_dir == Path.cwd() / "var"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_name == "skillswap"
    assert settings.sandboxed
    assert [settings.missing_for(role) for role in ("run", "api", "bot", "worker")] == [[], [], [], []]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=9001\nHOST=::1\nNOT_OURS=1\n")
    monkeypatch.setenv("PORT", "9002")
    settings = Settings.load(tmp_path / ".env")
    assert settings.public_url == "http://[::1]:9002"
    assert settings.sandbox_port == 9003


def test_production_names_each_missing_variable_in_its_own_line() -> None:
    settings = load(skillswap_env="production")
    with pytest.raises(SettingsProblem) as caught:
        settings.demand("run")
    assert {line.partition(":")[0] for line in caught.value.lines} == PRODUCTION_NEEDS
    assert len(caught.value.lines) == len(PRODUCTION_NEEDS)


@pytest.mark.parametrize(
    ("role", "not_asked"),
    [("api", {"TELEGRAM_BOT_TOKEN"}), ("bot", {"EMAIL_SERVER"}), ("worker", {"NEXTAUTH_SECRET"}), ("run", set())],
)
def test_role_requires_only_its_own_variables(role: Any, not_asked: set[str]) -> None:
    assert set(load(skillswap_env="production").missing_for(role)) == PRODUCTION_NEEDS - not_asked
    assert role in roles()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"port": "eighty"}, "PORT: should be a valid integer"),
        ({"port": 70000}, "PORT: should be less than or equal to 65535"),
        ({"log_level": "loud"}, "LOG_LEVEL: should be 'DEBUG'"),
        ({"mongodb_uri": "http://db.example.org"}, "MONGODB_URI: should start with mongodb://"),
        ({"mongodb_uri": "mongodb://db.example.org/a.b"}, "MONGODB_URI: its path is not a possible database name"),
        ({"nextauth_url": "swap.example.org"}, "NEXTAUTH_URL: should be a web address"),
        ({"nextauth_url": "https://swap.example.org:99999"}, "NEXTAUTH_URL: has a host or a port that cannot be"),
        ({"telegram_bot_token": "letters"}, "TELEGRAM_BOT_TOKEN: should be the bot's token"),
        (
            {"telegram_webhook_url": "https://x.example", "telegram_bot_token": "1:a"},
            "TELEGRAM_WEBHOOK_SECRET: is missing",
        ),
        ({"cors_origins": "*"}, "CORS_ORIGINS: cannot be *"),
        ({"cors_origins": "https://a.example/path"}, "CORS_ORIGINS: should list origins"),
        ({"admin_telegram_ids": "1,ana"}, "ADMIN_TELEGRAM_IDS: should be a valid integer"),
        ({"cloudinary_api_key": "1", "cloudinary_api_secret": "2"}, "CLOUDINARY_CLOUD_NAME: is missing"),
        ({"email_server": "smtp://mail.example.org"}, "EMAIL_FROM: is missing"),
        ({"skillswap_env": "production", "nextauth_secret": "short"}, "NEXTAUTH_SECRET: should have at least 32"),
    ],
)
def test_invalid_value_is_reported_in_one_line_with_its_variable(values: dict[str, Any], line: str) -> None:
    lines = problems(**values)
    assert len(lines) == 1
    assert lines[0].startswith(line)


def test_comma_lists_accept_spaces_one_item_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, ids in (("1, 2,3,", (1, 2, 3)), ("7", (7,)), ("", ())):
        monkeypatch.setenv("ADMIN_TELEGRAM_IDS", text)
        assert load().admin_telegram_ids == ids
    monkeypatch.setenv("CORS_ORIGINS", "https://A.example/ , http://localhost:3000")
    assert load().cors_origins == ("https://a.example", "http://localhost:3000")


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://swap.example.org/", "https://swap.example.org"),
        ("https://example.org/swap/api/auth", "https://example.org/swap"),
    ],
)
def test_public_url_is_nextauth_url(url: str, public: str) -> None:
    assert load(nextauth_url=url).public_url == public


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("mongodb://a.example:1,b.example:2/swaps?replicaSet=rs0", "swaps"),
        ("mongodb+srv://a.example", "skillswap"),
        ("mongodb://a.example/?w=majority", "skillswap"),
    ],
)
def test_the_database_is_the_path_of_the_uri(uri: str, name: str) -> None:
    assert load(mongodb_uri=uri).database_name == name


def test_repr_of_settings_contains_no_secret() -> None:
    settings = load(**SECRETS)
    for shown in (repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()):
        assert SECRET not in shown


def test_setting_errors_contain_no_secret() -> None:
    # Every secret is wrong here, and so is something else.
    wrong = {name: f"{SECRET} {value}" for name, value in SECRETS.items()} | {"port": SECRET}
    with pytest.raises(SettingsProblem) as caught:
        load(**wrong)
    assert len(caught.value.lines) >= 4
    assert SECRET not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}"


def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NEXTAUTH_SECRET=\xff\xfe")
    with pytest.raises(SettingsProblem, match="is not UTF-8"):
        Settings.load(tmp_path / ".env")


def test_generated_secret_is_stored_privately(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(generated_secret, [folder] * 8))
    assert len(made) == 1
    assert len(made.pop()) == 64
    assert [path.name for path in folder.iterdir()] == ["nextauth.secret"]
    assert stat.S_IMODE((folder / "nextauth.secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_damaged_secret_is_reported_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "nextauth.secret").write_text("")
    with pytest.raises(SettingsProblem, match="is damaged"):
        generated_secret(tmp_path)
    assert (tmp_path / "nextauth.secret").read_text() == ""


LEAKS = [
    "https://api.example.org/bot1234567890:AAExampleExampleExampleExampleExample/getMe",
    "mongodb://ana:pass@word@db.example.org/swaps",
    "Authorization: Bearer abc.DEF-123_~+/=",
    "cookie: __Secure-next-auth.session-token=abcdef; theme=dark",
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..c29tZWl2.Y2lwaGVydGV4dA.dGFn",
]


@pytest.mark.parametrize("text", LEAKS)
def test_secrets_in_logs_are_redacted(text: str) -> None:
    for part in ("AAExample", "pass@word", "DEF-123", "abcdef", "Y2lwaGVydGV4dA"):
        assert part not in redact(text)
    assert "[hidden]" in redact(text)


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Any:
    """Return the output of the configured logs."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    stream = io.StringIO()
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.mark.parametrize("style", ["text", "json"])
def test_log_record_is_one_line_without_secrets(written: io.StringIO, style: Any) -> None:
    configure_logs("DEBUG", style, secrets=[SECRET], stream=written)
    token = request_id.set("4f2a")
    try:
        raise ValueError(f"rejected {SECRET} {LEAKS[0]}")
    except ValueError:
        logging.getLogger("api.test").exception("failed for %s\n\x1b[2J%s", SECRET, LEAKS[1])
    finally:
        request_id.reset(token)
    text = written.getvalue()
    assert SECRET not in text
    assert "AAExample" not in text
    assert "pass@word" not in text
    assert "\x1b" not in text
    assert "4f2a" in text
    assert "Traceback" in text
    if style == "json":
        line = json.loads(text)
        assert (line["level"], line["logger"], line["request_id"]) == ("error", "api.test", "4f2a")
    else:
        assert "failed for [hidden]\\n" in text


def test_libraries_that_log_tokens_stay_quiet_at_debug(written: io.StringIO) -> None:
    configure_logs("DEBUG", stream=written)
    configure_logs("DEBUG", stream=written)
    for name in ("httpx", "httpcore.connection", "telegram.ext.Application"):
        logging.getLogger(name).info("a whole request")
    logging.getLogger("bot").debug("ours")
    assert written.getvalue().count("\n") == 1
