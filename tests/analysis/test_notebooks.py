"""The example notebooks run to their end, and answers give charts and frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.required import ROOT, notebooks

pytestmark = [pytest.mark.notebook, pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore")]

EXAMPLES = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs(path: Path, tmp_path: Path) -> None:
    """Every cell, in order, in a kernel of its own; charts are shown as pictures, answers as text."""
    notebooks()
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "examples are committed without outputs"
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    assert sum("image/png" in output["data"] for output in shown) >= 4
    assert all("text/plain" in output["data"] for output in shown)


def test_frames(tmp_path: Path) -> None:
    """Polars and pandas have the rows of the answer, with its columns."""
    notebooks()
    import footfall
    from tests.cli.terminal import done
    from tests.cli.test_everywhere import MAPPED, SHOP

    done("import", SHOP, "--map", MAPPED, "--data", tmp_path)
    with footfall.open(tmp_path) as shop:
        answer = shop.breakdown("classes")
    for frame in (answer.polars(), answer.pandas()):
        assert len(frame) == len(answer.rows) > 1
        assert list(frame.columns) == list(answer.rows[0])


def test_there_is_something_to_run() -> None:
    """An empty folder would prove nothing."""
    assert EXAMPLES
