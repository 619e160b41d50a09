"""`footfall fraud thresholds|risk`: whom other thresholds would have hit, and how risky who is."""

from __future__ import annotations

from typing import Annotated

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Cursor, Data, How, Limit, Project, examples, existing
from footfall.cli.show import Format, console, show_csv, show_json, show_more

fraud = typer.Typer(
    no_args_is_help=True, help="Fraud rules: whom other thresholds would have hit, and how risky who is."
)


@fraud.command(
    "thresholds", epilog=examples("footfall fraud thresholds", "footfall fraud thresholds --from 2019-10-01")
)
def thresholds(
    *,
    since: Annotated[
        str | None, typer.Option("--from", help="Only events then or later; without it the last 30 days'.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="Only events before then.")] = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show how many users (else visitors, else sessions) each threshold would have hit in the stored past.

    Imported events are looked at too, though they raise no alerts. A rule's other settings stay as they are.
    """
    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/fraud/thresholds", before=before, **{"from": since})
    if how is Format.JSON:
        show_json(found)
    elif how is Format.CSV:
        rungs = [{"rule": ladder["rule"], **rung} for ladder in found["rules"] for rung in ladder["rungs"]]
        show_csv(rungs, ["rule", "threshold", "people", "share", "present", "default"])
    else:
        from footfall.cli.fraud_page import thresholds_page

        console().print(thresholds_page(found))


@fraud.command(
    "risk",
    epilog=examples("footfall fraud risk", "footfall fraud risk --subject u:ann", "footfall fraud risk --days 7"),
)
def risk(
    *,
    subject: Annotated[str | None, typer.Option(help="Only this one: u:, v: or s: and the id.")] = None,
    days: Annotated[
        int, typer.Option(min=1, max=3650, help="Alerts of the last so many days count.", show_default=True)
    ] = 30,
    limit: Limit = 20,
    cursor: Cursor = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show who is how risky, 0 to 100: each score adds up from its parts, one for each rule."""
    with open_client(existing(data), project=project) as client:
        page = client.get("/v1/risk", subject=subject, days=days, limit=limit, cursor=cursor)
    if how is Format.JSON:
        show_json(page["items"])
    elif how is Format.CSV:
        show_csv(page["items"], ["subject", "score", "last", "parts"])
    elif not page["items"]:
        console().print("no alerts, so no risk", markup=False)
    else:
        from footfall.cli.fraud_page import risk_page

        console().print(risk_page(page["items"]))
        show_more(page)
