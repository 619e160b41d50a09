"""The control database: projects, write keys and tokens, made, listed, found and revoked.

Every reader of secrets looks them up in memory, in a ring that is replaced as a whole after each change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, delete, event, make_url, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

from footfall.errors import BadRequest, Conflict, NotFound, Unavailable
from footfall.events.event import is_project_id
from footfall.store.access import Principal, Role
from footfall.store.consents import Consents
from footfall.store.days import USUAL, Days
from footfall.store.keys import NO_KEY, KeyKind, WriteKey
from footfall.store.models import Destination, Key, Login, PersonDecision, Project, Token
from footfall.store.origins import checked_origins
from footfall.store.ring import LoggedIn, Ring
from footfall.store.rows import new_key, new_project, new_token, now_us
from footfall.store.schema import migrate
from footfall.store.secrets import Prefix, digest, new_secret

DEFAULT_PROJECT = "default"
"""The project that the first start makes, and that a read means when it names none."""


class Store:
    """One control database; every method may be called from any thread.

    Methods raise `errors.Unavailable` when the database can't be used.
    """

    def __init__(self, engine: Engine, *, keyless: Sequence[str] = ()) -> None:
        self._engine = engine
        self._keyless = _without_key(keyless)
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._changing = threading.Lock()
        self._temporary: dict[str, Principal] = {}
        self._ring = Ring()
        self.consents = Consents(self._sessions)
        self.reload()

    @classmethod
    def open(cls, url: str, *, keyless: Sequence[str] = ()) -> Store:
        """Connect, bring the schema up to date, load the keys.

        `url` is SQLAlchemy's, `sqlite:///…` or `postgresql+psycopg://…`; raises `errors.BadRequest` when it is no such.
        Pages of the origins `keyless` send to the default project without a key.
        """
        try:
            engine = create_engine(make_url(url))
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            reason = "its driver is not installed" if isinstance(error, ModuleNotFoundError) else "it can't be read"
            raise BadRequest(f"store_url: {reason}; it is like postgresql+psycopg://user@host/database") from error
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _durable)
        with _reachable():
            migrate(engine)
            return cls(engine, keyless=keyless)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def reload(self) -> None:
        """Read keys and tokens anew; needed only after another process has changed them."""
        with self._session() as session:
            keys = session.scalars(select(Key).where(Key.revoked_us.is_(None))).all()
            tokens = session.scalars(select(Token).where(Token.revoked_us.is_(None))).all()
            projects = session.scalars(select(Project)).all()
            logins = session.scalars(select(Login)).all()
        principals = {token.id: _principal(token) for token in tokens}
        self._ring = Ring(
            keys={key.digest: _write_key(key) for key in keys} | self._keyless,
            tokens={token.digest: principals[token.id] for token in tokens} | self._temporary,
            logins={
                login.digest: LoggedIn(principals[login.token_id], login.ends_us)
                for login in logins
                if login.token_id in principals
            },
            currencies={project.id: project.currency for project in projects},
            keep_days={project.id: project.keep_days for project in projects},
            days={project.id: Days(project.zone, project.week_starts) for project in projects},
        )

    # What the doors and the API look up, from memory.

    @property
    def ring(self) -> Ring:
        """All that is looked up, as of now; another object after each change."""
        return self._ring

    def find(self, secret: str) -> WriteKey | None:
        """The write key with this secret, unless there is none or it is revoked (`store.keys.WriteKeys`)."""
        return self._ring.keys.get(digest(secret))

    def principal(self, secret: str) -> Principal | None:
        """Whom a token stands for, unless there is no such token or it is revoked."""
        return self._ring.tokens.get(digest(secret))

    def logged_in(self, secret: str) -> Principal | None:
        """Whom a browser with this log-in stands for, unless it has ended or its token is revoked."""
        login = self._ring.logins.get(digest(secret))
        return login.principal if login is not None and now_us() < login.ends_us else None

    def has_project(self, project_id: str) -> bool:
        """Whether there is such a project."""
        return project_id in self._ring.currencies

    def currency(self, project_id: str) -> str | None:
        """The currency that a project was made with, if any."""
        return self._ring.currencies.get(project_id)

    def keep_days(self, project_id: str) -> int | None:
        """How many days a project's data are kept, if that was said of it; 0 for ever."""
        return self._ring.keep_days.get(project_id)

    def days(self, project_id: str) -> Days:
        """When the project's days and weeks begin."""
        return self._ring.days.get(project_id, USUAL)

    def start(self, keep: Callable[[str, str], None]) -> bool:
        """Make what a new database needs: the default project, an admin token and a server write key.

        `keep(token, key)` stores their secrets before the database has them, so a start that was cut short is
        simply made again. False when the default project is there already; then nothing happens.
        """
        with self._change() as session:
            if session.get(Project, DEFAULT_PROJECT):
                return False
            token, token_secret = new_token("admin of the first start", Role.ADMIN, None)
            key, key_secret = new_key(DEFAULT_PROJECT, "server", [], "server key of the first start")
            session.add(new_project(DEFAULT_PROJECT, "Default"))
            session.flush()
            session.add_all([token, key])
            session.flush()
            keep(token_secret, key_secret)
        return True

    # Projects.

    def projects(self) -> Sequence[Project]:
        """All projects, by id."""
        with self._session() as session:
            return session.scalars(select(Project).order_by(Project.id)).all()

    def create_project(
        self, project_id: str, *, name: str = "", currency: str | None = None, days: Days = USUAL
    ) -> Project:
        """A new project; raises `errors.Conflict` when its id is taken."""
        if not is_project_id(project_id):
            raise BadRequest(f"project {project_id!r}: an id is 1–64 of a-z 0-9 _ -, beginning with a letter or digit")
        made = new_project(project_id, name or project_id, currency, days)
        with self._change() as session:
            if session.get(Project, project_id):
                raise Conflict(f"there is a project {project_id!r} already")
            session.add(made)
        return made

    def change_project(self, project_id: str, *, name: str | None = None, days: Days | None = None) -> Project:
        """Give a project another name, or other days; None leaves what is there."""
        with self._change() as session:
            project = _existing(session, project_id)
            project.name = project.name if name is None else name
            if days is not None:
                project.zone, project.week_starts = days.zone, days.week_starts
        return project

    def set_keep_days(self, project_id: str, days: int | None) -> None:
        """Keep a project's data for so many days, for ever (0), or for as long as the setting says (None)."""
        with self._change() as session:
            _existing(session, project_id)
            session.execute(update(Project).where(Project.id == project_id).values(keep_days=days))

    # Write keys.

    def keys(self, project_id: str) -> Sequence[Key]:
        """All write keys of a project, revoked ones too, oldest first."""
        with self._session() as session:
            return session.scalars(
                select(Key).where(Key.project_id == project_id).order_by(Key.created_us, Key.id)
            ).all()

    def create_key(
        self, project_id: str, kind: KeyKind, *, origins: Sequence[str] = (), label: str = ""
    ) -> tuple[Key, str]:
        """A new write key and its secret, which can't be had again."""
        made, secret = new_key(project_id, kind, checked_origins(kind, origins), label)
        with self._change() as session:
            _existing(session, project_id)
            session.add(made)
        return made, secret

    def revoke_key(self, project_id: str, key_id: str) -> None:
        """Make a key useless at once; revoking it again changes nothing."""
        with self._change() as session:
            key = session.get(Key, key_id)
            if key is None or key.project_id != project_id:
                raise NotFound(f"project {project_id!r} has no write key {key_id!r}")
            key.revoked_us = key.revoked_us or now_us()

    # Tokens.

    def tokens(self, project_id: str | None) -> Sequence[Token]:
        """Tokens of one project, or with None all there are; revoked ones too, oldest first."""
        query = select(Token).order_by(Token.created_us, Token.id)
        with self._session() as session:
            return session.scalars(query if project_id is None else query.where(Token.project_id == project_id)).all()

    def create_token(self, name: str, role: Role, *, project_id: str | None = None) -> tuple[Token, str]:
        """A new token, for one project or (None) for all, and its secret, which can't be had again."""
        made, secret = new_token(name, role, project_id)
        with self._change() as session:
            if project_id is not None:
                _existing(session, project_id)
            session.add(made)
        return made, secret

    def revoke_token(self, token_id: str, *, project_id: str | None = None) -> None:
        """Make a token useless at once; with `project_id` only one of that project. The last admin's is kept."""
        with self._change() as session:
            token = session.get(Token, token_id)
            if token is None or (project_id is not None and token.project_id != project_id):
                raise NotFound(f"there is no token {token_id!r}")
            if token.revoked_us is None and _is_last_admin(session, token):
                raise Conflict(f"{token_id!r} is the last admin token for all projects; create another one first")
            token.revoked_us = token.revoked_us or now_us()

    def log_in(self, token: str, *, lasts_us: int) -> str | None:
        """The secret of a new log-in with a token, for a cookie; None when there is no such token, or it is revoked."""
        secret, now = new_secret(Prefix.LOGIN), now_us()
        with self._change() as session:
            session.execute(delete(Login).where(Login.ends_us <= now))
            found = session.scalar(select(Token).where(Token.digest == digest(token), Token.revoked_us.is_(None)))
            if found is None:
                return None
            session.add(Login(digest=digest(secret), token_id=found.id, created_us=now, ends_us=now + lasts_us))
        return secret

    def log_out(self, secret: str) -> None:
        """End a log-in at once; doing so again changes nothing."""
        with self._change() as session:
            session.execute(delete(Login).where(Login.digest == digest(secret)))

    def temporary_token(self) -> str:
        """An admin token that this process alone knows, for a command that opened the folder itself."""
        secret = new_secret(Prefix.TOKEN)
        with self._changing:
            self._temporary[digest(secret)] = Principal(
                token_id="process",  # noqa: S106 - an id, no secret
                name="this process",
                role=Role.ADMIN,
            )
            self.reload()
        return secret

    # Destinations.

    def destinations(self) -> Sequence[Destination]:
        """All destinations of all projects, with their secrets as they are kept, oldest first."""
        with self._session() as session:
            return session.scalars(select(Destination).order_by(Destination.created_us, Destination.id)).all()

    def add_destination(self, made: Destination) -> None:
        """Keep a new destination."""
        with self._change() as session:
            _existing(session, made.project_id)
            session.add(made)

    def replace_secret(self, destination_id: str, secret: str) -> None:
        """Keep a destination's secret in another form; nothing is left of the old one."""
        with self._change() as session:
            destination = session.get(Destination, destination_id)
            if destination is not None:
                destination.secret = secret
        if self._engine.dialect.name == "sqlite":
            with _reachable(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def remove_destination(self, destination_id: str) -> None:
        """Forget a destination, secret and all; removing it again changes nothing."""
        with self._change() as session:
            session.execute(delete(Destination).where(Destination.id == destination_id))

    # Decisions about people.

    def person_decisions(self) -> Sequence[PersonDecision]:
        """All decisions of all projects, oldest first."""
        with self._session() as session:
            return session.scalars(select(PersonDecision).order_by(PersonDecision.decided_us, PersonDecision.id)).all()

    def add_person_decision(self, made: PersonDecision) -> None:
        """Keep a new decision."""
        with self._change() as session:
            _existing(session, made.project_id)
            session.add(made)

    def remove_person_decisions(self, decision_ids: Sequence[str]) -> None:
        """Forget decisions, and overwrite where they stood in a file."""
        with self._change() as session:
            session.execute(delete(PersonDecision).where(PersonDecision.id.in_(decision_ids)))
        if self._engine.dialect.name == "sqlite":
            with _reachable(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # they stand there, too

    # What features keep beside all this, and nobody looks up in memory.

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Reads and changes that are kept together when the block ends, or not at all."""
        with self._changing, _reachable(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with _reachable(), self._sessions() as session:
            yield session

    @contextmanager
    def _change(self) -> Iterator[Session]:
        with self._changing:
            with _reachable(), self._sessions.begin() as session:
                yield session
            self.reload()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict("another process changed the same thing at this moment; look again") from error
    except DBAPIError as error:
        raise Unavailable(f"the control database can't be used: {error.orig}", retry_after=1) from error


def _durable(connection: DBAPIConnection, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _existing(session: Session, project_id: str) -> Project:
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound(f"there is no project {project_id!r}")
    return project


def _is_last_admin(session: Session, token: Token) -> bool:
    admins = select(Token.id).where(
        Token.role == Role.ADMIN.value, Token.project_id.is_(None), Token.revoked_us.is_(None)
    )
    return list(session.scalars(admins)) == [token.id]


def _write_key(key: Key) -> WriteKey:
    kind: KeyKind = "public" if key.kind == "public" else "server"
    return WriteKey(key_id=key.id, project_id=key.project_id, kind=kind, origins=tuple(key.origins))


def _without_key(origins: Sequence[str]) -> dict[str, WriteKey]:
    """What goes into the ring for pages of these origins, which send no key."""
    if not origins:
        return {}
    key = WriteKey(key_id="keyless", project_id=DEFAULT_PROJECT, kind="public", origins=tuple(origins))
    return {digest(NO_KEY): key}


def _principal(token: Token) -> Principal:
    return Principal(token_id=token.id, name=token.name, role=Role(token.role), project_id=token.project_id)
