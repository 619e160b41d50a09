"""Assembly: door and routes as one ASGI application, which does not start when a route declares no permission."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import ASGIApp

import footfall
from footfall.api import (
    alerts,
    books,
    breakdown,
    cards,
    classes,
    configuration,
    control,
    dashboard,
    events,
    fraud,
    funnel,
    funnel_apart,
    health,
    live,
    login,
    pages,
    paths,
    people,
    people_tables,
    problems,
    rebuild,
    rejected,
    report,
    retention,
    rules,
    sessions,
    sql,
    storage,
    tracker,
    trails,
    trends,
    vocabulary,
)
from footfall.api.bodies import BodyLimit
from footfall.api.edge import Edge
from footfall.api.kept import Answerer, asking, checked
from footfall.api.live import Pulses
from footfall.api.ports import Node
from footfall.api.questions import Questions
from footfall.api.rebuild import Rebuilds
from footfall.collect.front import Front
from footfall.dashboards import Dashboards, Links
from footfall.dashboards.routes import router as dashboards_router
from footfall.dashboards.shared import links_router, shared_router
from footfall.forward.routes import router as forward_router
from footfall.imports.routes import router as imports_router
from footfall.keeping.routes import router as keeping_router
from footfall.notices.routes import notices_router
from footfall.people.routes import router as decisions_router
from footfall.privacy.consent import consent_router
from footfall.privacy.contacts import contacts_router
from footfall.privacy.routes import export_router
from footfall.privacy.routes import router as privacy_router
from footfall.replay.routes import replay_router
from footfall.store.guard import Declared

_DESCRIPTION = """\
Behaviour analytics that you run yourself. Reads want a token (`Authorization: Bearer fft_…`), events a write key.
Every error is `application/problem+json` (RFC 9457). Money is decimal text, times are UTC, rates are unrounded."""


def assemble(node: Node) -> ASGIApp:
    """The application that serves `node`; raises ValueError when a route does not say who may call it."""
    return Front(node.door, Edge(build(node)))


def build(node: Node) -> FastAPI:
    """The routes alone, without the door."""
    app = FastAPI(
        title="Footfall",
        version=footfall.__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        responses={"default": problems.DOCUMENTED},
    )
    app.state.node = node
    app.state.store = node.store
    app.state.questions = Questions(node, node.settings.query_concurrency)
    app.state.sql_questions = Questions(node, node.settings.query_concurrency)
    app.state.rebuilds = Rebuilds(node)
    app.state.pulses = Pulses(node)
    problems.install(app)
    for router in (health.routes(node.settings), events.router, sessions.router, classes.router, report.router):
        app.include_router(router)
    app.include_router(rules.router)
    app.include_router(trails.router)
    app.include_router(funnel_apart.router)
    app.include_router(cards.router)  # before the router of people, who may have any id
    app.include_router(books.router)
    app.include_router(storage.router)
    for router in (sql.router, rejected.router, rebuild.router, control.router, configuration.router):
        app.include_router(router)
    app.include_router(consent_router(node))
    app.include_router(export_router(node))
    app.include_router(people_tables.router)
    app.include_router(contacts_router(node))
    app.include_router(privacy_router(node))
    for router in (breakdown.router, people.router, trends.router, funnel.router, retention.router, paths.router):
        app.include_router(router)
    for router in (
        live.router,
        vocabulary.router,
        alerts.router,
        fraud.router,
        pages.routes(app),
        imports_router(node),
        forward_router(node),
        keeping_router(node),
        decisions_router(node),
    ):
        app.include_router(router)
    dashboards, links = Dashboards(node.store), Links(node.store)
    app.include_router(dashboards_router(dashboards, checked))
    app.include_router(links_router(dashboards, links))
    app.include_router(shared_router(dashboards, links, Answerer(node, app.state.questions)))
    app.include_router(notices_router(node.store, node.settings, node.seals.sealer, asking(node), node.attended))
    app.include_router(login.router)
    app.include_router(tracker.router)
    app.include_router(replay_router(node))
    app.include_router(dashboard.router)  # the last one: it answers for every address that none before it knows
    app.add_middleware(BodyLimit, import_bytes=node.settings.max_import_bytes)
    require_declarations(app)
    return app


def require_declarations(app: FastAPI) -> None:
    """Raise ValueError naming every route of `app` that declares neither a permission nor that it is open."""
    silent = [
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if not any(isinstance(dependency.dependency, Declared) for dependency in getattr(route, "dependencies", []))
    ]
    if silent:
        raise ValueError(f"routes that do not say who may call them: {', '.join(silent)}; use footfall.store.guard")


def _operation_id(route: APIRoute) -> str:
    """The endpoint's own name, which is what a generated client calls it."""
    return route.name
