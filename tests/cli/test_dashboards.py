"""`footfall questions|dashboards|links`: saved, pulled, pushed and shared on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.terminal import done, footfall

CODE = """\
questions:
  checkout:
    name: Checkout
    kind: funnel
    params:
      step:
      - product_view
      - purchase
      within: 2d
dashboards:
  weekly:
    name: Weekly
    tiles:
    - question: checkout
      width: 12
    - title: Best pages
      ask:
        kind: breakdown
        params:
          top: 5
          dimension: pages
      form: table
"""


def test_dashboards_go_out_and_in_as_code(tmp_path: Path) -> None:
    """Told by `diff`, done by `push`, nothing left to do; `pull` writes what was pushed, letter by letter."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    file = tmp_path / "dashboards.yaml"
    file.write_text(CODE)
    told = done("dashboards", "diff", file, *data)
    assert "+ question checkout" in told
    assert "+ dashboard weekly" in told
    assert "+   within: 2d" in told
    assert done("dashboards", "push", file, *data) == "+ question checkout\n+ dashboard weekly\n"
    assert done("dashboards", "push", file, *data) == "nothing differs\n"
    assert done("dashboards", "diff", file, *data) == "nothing differs\n"
    assert done("dashboards", "pull", *data) == CODE
    file.write_text(CODE.replace("within: 2d", "within: 3d").partition("dashboards:")[0])
    assert "-   within: 2d" in done("dashboards", "diff", file, *data)
    assert "- dashboard weekly" in done("dashboards", "diff", file, "--prune", *data)
    done("dashboards", "push", file, "--prune", *data)
    assert json.loads(done("dashboards", "list", "--format", "json", *data)) == []


def test_a_wrong_word_in_a_file_is_named(tmp_path: Path) -> None:
    """With the right one, and nothing is changed."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    file = tmp_path / "dashboards.yaml"
    for wrong, right in (("tiles", "tils"), ("within", "witin"), ("width", "wdth")):
        file.write_text(CODE.replace(f"{wrong}:", f"{right}:"))
        refused = footfall("dashboards", "push", file, *data)
        assert (refused.code, f"did you mean '{wrong}'?" in refused.err) == (1, True), refused.err
    file.write_text("questions: [")
    assert "line" in footfall("dashboards", "push", file, *data).err
    assert footfall("dashboards", "push", tmp_path / "none.yaml", *data).code == 2
    assert json.loads(done("questions", "list", "--format", "json", *data)) == []


def test_a_question_is_saved_and_asked_by_its_name(tmp_path: Path) -> None:
    """As the question's own command answers it."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    words = ("step=product_view", "step=purchase", "within=2d")
    made = json.loads(done("questions", "save", "Way to buy", "funnel", *words, "--format", "json", *data))
    assert made["params"] == {"step": ["product_view", "purchase"], "within": "2d"}
    asked = done("questions", "ask", "way-to-buy", "--format", "csv", *data)
    assert asked == done("funnel", "product_view", "purchase", "--within", "2d", "--format", "csv", *data)
    done("questions", "save", "Pages", "breakdown", "dimension=pages", "--id", "way-to-buy", *data)
    assert "dimension=pages" in done("questions", "show", "way-to-buy", *data)
    done("questions", "remove", "way-to-buy", *data)
    assert footfall("questions", "ask", "way-to-buy", *data).code == 1


def test_a_link_is_made_listed_and_revoked(tmp_path: Path) -> None:
    """Its secret is shown when it is made, and never again."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    done("questions", "save", "Revenue", "trends", "figure=revenue", *data)
    made = json.loads(done("links", "make", "question", "revenue", "--days", "7", "--format", "json", *data))
    assert made["path"] == f"/shared/{made['secret']}"
    listed = done("links", "list", "--format", "json", *data)
    assert [item["definition"] for item in json.loads(listed)] == ["revenue"]
    assert made["secret"] not in listed
    done("links", "revoke", made["id"], *data)
    assert json.loads(done("links", "list", "--format", "json", *data))[0]["revoked"]
    assert footfall("links", "make", "page", "revenue", *data).code == 2
