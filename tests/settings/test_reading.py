"""How settings are found, and what is said when they can't be used."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from footfall.collect.limits import Limits
from footfall.errors import BadRequest
from footfall.events.kinds import Kind
from footfall.sessions.classes import DEFAULT_RULES
from footfall.settings import FILE, TABLE, Settings, Unit, load
from footfall.settings.document import markdown
from footfall.settings.memory import PLANNED

ROOMY = 64_000_000_000
"""Memory of a machine that bounds nothing."""
PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def folder_with(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_defaults_hold_without_any_source(tmp_path: Path) -> None:
    """With no flag, variable or file every value is the table's default, and says so."""
    settings = load(tmp_path, environ={}, there=ROOMY)
    assert all(getattr(settings, name) == row.default for name, row in TABLE.items())
    assert {settings.source(name) for name in set(TABLE) - set(PLANNED)} == {"default"}


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """Each source hides the weaker ones, and the value knows which source it has."""
    folder = folder_with(tmp_path, 'port = 1000\nhost = "::1"\nmax_depth = 40\n')
    environ = {"FOOTFALL_PORT": "2000", "FOOTFALL_HOST": "0.0.0.0", "PATH": "/bin"}
    settings = load(folder, flags={"port": 3000, "host": None}, environ=environ)
    assert (settings.port, settings.source("port")) == (3000, "flag")
    assert (settings.host, settings.source("host")) == ("0.0.0.0", "environment FOOTFALL_HOST")
    assert (settings.max_depth, settings.source("max_depth")) == (40, FILE)
    assert settings.source("query_rows") == "default"


def test_log_level_is_read_from_the_common_variable_too(tmp_path: Path) -> None:
    """`LOG_LEVEL` sets the level in any case; Footfall's own variable is stronger."""
    assert load(None, environ={"LOG_LEVEL": "WARNING"}).log_level == "warning"
    assert load(None, environ={"LOG_LEVEL": "error", "FOOTFALL_LOG_LEVEL": "debug"}).log_level == "debug"


@pytest.mark.parametrize(
    ("text", "size"),
    [("64 MB", 64_000_000), ("64MB", 64_000_000), ("512 MiB", 2**29), ("1.5 kB", 1500), ("2000", 2000), (5_000, 5_000)],
)
def test_sizes(text: object, size: int) -> None:
    """Sizes are bytes or text with a unit; decimal units are powers of 1,000, the `i` ones of 1,024."""
    assert load(None, flags={"max_body_bytes": text}, environ={}).max_body_bytes == size


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 65_536),
        ("port", "80a"),
        ("port", 80.5),
        ("port", True),
        ("max_body_bytes", "64 miles"),
        ("max_body_bytes", "1 PB"),
        ("query_seconds", "nan"),
        ("query_seconds", "inf"),
        ("query_seconds", -1),
        ("log_format", "xml"),
        ("currency", "eur"),
        ("metrics_open", "perhaps"),
        ("session_gap_minutes", 0),
        ("host", ""),
        ("host", 5),
    ],
)
def test_a_bad_value_names_itself_and_what_is_allowed(name: str, value: object) -> None:
    """The error names the setting, its value, its source and the allowed values."""
    with pytest.raises(BadRequest) as error:
        load(None, flags={name: value}, environ={})
    assert name in error.value.detail
    assert repr(value) in error.value.detail
    assert "command line" in error.value.detail
    assert TABLE[name].allowed in error.value.detail


@pytest.mark.parametrize(
    ("text", "environ", "says"),
    [
        ("prot = 80", {}, "did you mean 'port'"),
        ("[kidns]", {}, "did you mean 'kinds'"),
        ("", {"FOOTFALL_PROT": "80"}, "did you mean 'FOOTFALL_PORT'"),
        ("", {"FOOTFALL_DTA": "x"}, "did you mean 'FOOTFALL_DATA'"),
        ("[kinds]\npurchas = ['x']", {}, "did you mean 'purchase'"),
        ("port = ", {}, "no valid TOML"),
        ("port = [1]", {}, "a whole number from 0"),
        ("[kinds]\nview = ['cart']", {}, "two kinds"),
        ("[[classes]]\nname = 'all'\nscore = 'high'", {}, "score"),
        ("[[classes]]\nname = 'all'\nscor = 1", {}, "scor"),
        ("[[classes]]\nname = 'all'\nscore = 1\nany_of = [{ total_events = 1 }]", {}, "all fit"),
        ("[projects.Shop]\ncurrency = 'EUR'", {}, "a-z 0-9"),
        ("[projects.shop]\ncurrency = 'Euro'", {}, "three capital letters"),
    ],
)
def test_unknown_names_and_broken_tables_are_errors(
    tmp_path: Path, text: str, environ: dict[str, str], says: str
) -> None:
    """Nothing is ignored: a wrong name or table is refused with what was probably meant."""
    with pytest.raises(BadRequest, match=says.replace("(", r"\(")):
        load(folder_with(tmp_path, text), environ=environ)


def test_kinds_replace_only_the_kinds_they_list(tmp_path: Path) -> None:
    """A listed kind has exactly the listed names; other kinds keep theirs."""
    settings = load(folder_with(tmp_path, "[kinds]\npurchase = ['sold']\n"), environ={})
    assert settings.taxonomy.names(Kind.PURCHASE) == ("sold",)
    assert settings.taxonomy.kind("purchase") is Kind.OTHER
    assert settings.taxonomy.kind("add_to_cart") is Kind.CART


def test_a_project_has_the_files_currency_else_its_own_else_the_default(tmp_path: Path) -> None:
    """The currency in `[projects.NAME]` beats the one a project was made with, which beats the setting."""
    settings = load(folder_with(tmp_path, "currency = 'USD'\n[projects.uk]\ncurrency = 'GBP'\n"), environ={})
    assert [settings.currency_of("uk", "EUR"), settings.currency_of("fr", "EUR"), settings.currency_of("us")] == [
        "GBP",
        "EUR",
        "USD",
    ]


def test_a_secret_is_never_shown() -> None:
    """Neither the shown value nor an error holds the text of a secret setting."""
    url = "postgresql://footfall:hunter2@db/footfall"
    row = TABLE["store_url"]
    assert load(None, environ={"FOOTFALL_STORE_URL": url}).store_url == url
    assert row.secret
    assert "hunter2" not in row.shown(url)
    with pytest.raises(BadRequest) as error:
        load(None, flags={"store_url": [url]}, environ={})
    assert "hunter2" not in error.value.detail


def test_the_page_is_what_the_code_says() -> None:
    """docs/settings.md is exactly what the table gives now."""
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "run: python -m footfall.settings.document > docs/settings.md"
    )


def test_the_pages_examples_are_the_defaults(tmp_path: Path) -> None:
    """The TOML on the page for kinds and classes can be read, and gives the very defaults that it claims to show."""
    examples = [block.split("```")[0] for block in markdown().split("```toml\n")[1:]]
    assert all(tomllib.loads(example) for example in examples)
    settings = load(folder_with(tmp_path, "\n".join(examples)), environ={})
    assert settings.taxonomy.listed() == Settings().taxonomy.listed()
    assert settings.classes.rules == DEFAULT_RULES
    assert settings.max_body_bytes == 16_000_000


def test_the_doors_defaults_are_the_settings() -> None:
    """A door made without settings has the limits that the table documents."""
    settings, limits = Settings(), Limits()
    for name in limits.__struct_fields__:
        setting = {"events": "max_batch_events", "seconds": "request_seconds"}.get(name, f"max_{name}")
        assert getattr(settings, setting) == getattr(limits, name), name


def test_every_setting_says_its_unit_and_meaning() -> None:
    """Each row has a sentence and a unit, and a duration's or size's name ends with its unit."""
    for name, row in TABLE.items():
        assert row.meaning.endswith("."), name
        if row.unit in {Unit.SECONDS, Unit.MINUTES, Unit.HOURS, Unit.BYTES}:
            assert name.endswith(f"_{row.unit}"), name
