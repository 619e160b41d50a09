"""All commands in one application. Nothing heavy is imported before a command runs: `--help` is quick."""

from __future__ import annotations

from typing import Annotated

import typer

import footfall
from footfall.cli.commands import (
    alerts,
    asking,
    control,
    dashboards,
    demo,
    doctor,
    forwarding,
    fraud,
    generating,
    health,
    importing,
    keeping,
    notices,
    people,
    privacy,
    questions,
    reading,
    rejected,
    reporting,
    rules,
    saved,
    sealing,
    serving,
    top,
)
from footfall.cli.options import examples

app = typer.Typer(
    name="footfall",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help takes a third of the time
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "footfall demo",
        "footfall serve",
        "footfall import 2019-Oct.csv.gz --preset rees46",
        "footfall classes conversion",
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"footfall {footfall.__version__}")
        raise typer.Exit


@app.callback()
def _footfall(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from; may stand anywhere.")] = False,
) -> None:
    """Behaviour analytics that you run yourself: who is this visitor, why, and what next?

    Commands speak to the server that owns the data folder, or open the folder themselves when there is none: the
    answers are the same. Exit codes: 0 done; 1 failed; 2 wrong usage; 3 `rebuild` found the live state to differ.
    """


def _add(name: str, command: object, *lines: str) -> None:
    app.command(name, epilog=examples(*lines))(command)  # type: ignore[type-var]


_add("demo", demo.demo, "footfall demo", "footfall demo --seconds 20")
_add("serve", serving.serve, "footfall serve", "footfall serve --data /srv/footfall --port 8080")
_add(
    "import",
    importing.import_files,
    "footfall import 2019-Oct.csv.gz --preset rees46",
    "footfall import orders.csv --map when=timestamp,who=user_id,total=amount --set name=purchase",
    "footfall import exported-events/ --project shop-uk",
)
_add(
    "sessions",
    reading.sessions,
    "footfall sessions",
    "footfall sessions --class browser --sort -total_events",
    "footfall sessions --from 2019-10-01T02:00 --at-least total_amount:100",
)
_add(
    "generate",
    generating.generate,
    "footfall generate world --customers 10000 --events 500000",
    "footfall generate leads --world leads --format csv --seed 7",
    "footfall generate --to http://127.0.0.1:8787 --key footfall-data/write-key --rate 10",
)
_add("session", reading.session, "footfall session s:72d76fde-8bb3-4e00-8c23-a032dfed738c")
app.add_typer(rules.classes, name="classes")
_add("top", top.top, "footfall top", "footfall top --project shop-uk", "footfall top --once")
_add("report", reporting.report, "footfall report", "footfall report --last 1h --top 5", "footfall report --follow")
_add("trends", asking.trends, "footfall trends", "footfall trends revenue --unit week --by country --last 12w")
_add(
    "funnel",
    asking.funnel,
    "footfall funnel product_view add_to_cart purchase --within 7d --by country",
    "footfall funnel view 'cart[quantity >= 2]' purchase --sessions",
    "footfall funnel view cart purchase --people at=3,dropped",
)
_add("retention", asking.retention, "footfall retention", "footfall retention --unit month --first purchase --money")
_add("paths", asking.paths, "footfall paths", "footfall paths --end purchase --over events --depth 3")
_add("breakdown", asking.breakdown, "footfall breakdown products", "footfall breakdown channels --last 30d")
app.add_typer(saved.questions, name="questions")
app.add_typer(dashboards.dashboards, name="dashboards")
app.add_typer(dashboards.links, name="links")
app.add_typer(notices.watches, name="watches")
app.add_typer(notices.schedules, name="schedules")
app.add_typer(people.people, name="people")
_add("person", people.person, "footfall person u:ann")
_add("contacts", sealing.contacts, "footfall contacts u:ann")
_add("consent", privacy.consent, "footfall consent u:ann", "footfall consent u:ann none")
_add("export", privacy.export, "footfall export u:ann", "footfall export u:ann --out ann.ndjson")
_add(
    "erase",
    privacy.erase,
    "footfall erase u:ann --receipt erased-ann.json",
    "footfall erase u:ann --verify erased-ann.json",
)
_add("keep", keeping.keep, "footfall keep", "footfall keep --days 400 --project shop-uk")
_add(
    "alerts", alerts.alerts, "footfall alerts", "footfall alerts --last 1h --severity high", "footfall alerts --follow"
)
_add("alert", alerts.alert, "footfall alert HIGH_VELOCITY:u:ann@1795231972311980")
app.add_typer(fraud.fraud, name="fraud")
app.add_typer(forwarding.forward, name="forward")
_add("sql", questions.sql, 'footfall sql "SELECT visitor_class, count(*) FROM sessions GROUP BY 1"')
app.add_typer(rejected.rejected, name="rejected")
_add("health", health.health, "footfall health", "footfall health --last 24h", "footfall health --storage")
_add("rebuild", questions.rebuild, "footfall rebuild")
app.add_typer(control.projects, name="projects")
app.add_typer(control.keys, name="keys")
app.add_typer(control.tokens, name="tokens")
app.add_typer(sealing.data_key, name="data-key")
_add("config", control.config, "footfall config", "footfall config --format json")
_add("doctor", doctor.doctor, "footfall doctor", "footfall doctor --data /srv/footfall --format json")
