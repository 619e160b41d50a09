"""Whatever stands in a file, each preset stores or rejects its rows one by one, and none harms another."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.imports import PRESETS
from tests.imports.presets import test_access_log, test_amplitude, test_ga4, test_mixpanel, test_plausible
from tests.imports.presets.pieces import Made, made

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ROWS: dict[str, dict[str, Any]] = {
    "mixpanel": test_mixpanel.row(),
    "amplitude": test_amplitude.ROW,
    "ga4": test_ga4.ORDER,
    "access-log": test_access_log.CADDY,
}
BOM = b"\xef\xbb\xbf"
"""A mark at the begin of a file, which is no part of its first line."""
GOOD_LINE = test_access_log.COMBINED.encode()


def read(folder: Path, name: str, content: bytes, preset: str) -> Made | None:
    """What a file becomes; None when it is refused as a whole, with words."""
    path = folder / name
    path.write_bytes(content)
    try:
        return made(path, preset)
    except BadRequest:
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files are written again and again."""
    return tmp_path_factory.mktemp("any")


@pytest.mark.parametrize("preset", sorted(PRESETS))
@given(content=st.binary(max_size=400))
def test_any_bytes_end_as_rows_or_with_words(preset: str, content: bytes, folder: Path) -> None:
    """No byte of a file is beyond what its preset can take."""
    for name in ("a.csv", "a.json", "a.json.gz", "a.zip"):
        read(folder, name, content, preset)


@pytest.mark.parametrize("preset", sorted(ROWS))
@given(data=st.data())
def test_any_value_in_any_member_harms_no_neighbour(preset: str, data: st.DataObject, folder: Path) -> None:
    """A row with anything at all in any of its members is stored or rejected, and the rows beside it are stored."""
    good = ROWS[preset]
    path = data.draw(st.sampled_from(sorted(paths(good))))
    odd = changed(good, path, data.draw(JSON))
    found = read(folder, "rows.json", "".join(f"{json.dumps(row)}\n" for row in (good, odd, good)).encode(), preset)
    assert found is not None
    assert len(found.events) >= 2
    assert {row["line"] for row in found.rejected} <= {2}


@given(
    lines=st.lists(
        st.binary(max_size=80).filter(lambda line: b"\n" not in line and line.removeprefix(BOM).strip(b"\r") != b""),
        max_size=6,
    )
)
def test_any_line_of_a_log_is_a_row(lines: list[bytes], folder: Path) -> None:
    """As many rows as lines, stored or rejected, and the good ones among them are stored."""
    content = b"".join(line + b"\n" + GOOD_LINE + b"\n" for line in lines)
    found = read(folder, "access.log", content, "access-log")
    assert found is not None
    assert len(found.events) + len(found.rejected) == 2 * len(lines)
    assert len(found.events) >= len(lines)


@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_any_flipped_byte_of_an_archive_ends(at: int, byte: int, folder: Path) -> None:
    """In the names, the sizes or the content: rows or words."""
    path = folder / "flip.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1/a.json.gz", gzip.compress(json.dumps(test_amplitude.ROW).encode(), mtime=0))
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    read(folder, "flip.zip", bytes(content), "amplitude")


@given(cells=st.lists(st.text(max_size=12), min_size=18, max_size=18))
def test_any_cells_of_a_table_are_a_row(cells: list[str], folder: Path) -> None:
    """Of tools that export CSV: a row of anything costs itself."""
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells).replace("\0", "")
    text = test_plausible.HEADER + test_plausible.PAGE + quoted + "\n" + test_plausible.PAGE
    found = read(folder, "events.csv", text.encode(errors="replace"), "plausible")
    assert found is not None
    assert len(found.events) >= 2


@pytest.mark.parametrize("preset", ["mixpanel", "access-log"])
def test_an_endless_line_costs_itself(preset: str, folder: Path) -> None:
    """It is read in pieces and forgotten; what stands behind it is stored."""
    good = json.dumps(ROWS[preset]).encode() + b"\n"
    found = read(folder, "long.json", good + b"x" * (5 << 20) + b"\n" + good, preset)
    assert found is not None
    assert (len(found.events), [row["line"] for row in found.rejected]) == (2, [2])


Path_: TypeAlias = tuple[str, ...]


def paths(said: dict[str, Any], before: Path_ = ()) -> list[Path_]:
    """Every member, and those within."""
    found: list[Path_] = []
    for name, value in said.items():
        found.append((*before, name))
        if isinstance(value, dict):
            found += paths(value, (*before, name))
    return found


def changed(said: dict[str, Any], path: Path_, value: object) -> dict[str, Any]:
    """`said` with another value at `path`."""
    name, *rest = path
    return said | {name: changed(said[name], tuple(rest), value) if rest else value}
