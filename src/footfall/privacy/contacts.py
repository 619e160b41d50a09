"""Contact details of people: told to whom may see them, and sealed anew when the operator has another key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from fastapi import APIRouter
from pydantic import BaseModel, Field

from footfall.events.contact import Contact
from footfall.events.time import write_time
from footfall.metrics.tables import Tables
from footfall.privacy.models import Person
from footfall.privacy.resolving import Hiding, Who, meant, person_of
from footfall.store.access import Permission
from footfall.store.contacts import Contacts
from footfall.store.guard import ProjectOf, needs
from footfall.store.sealing import Unopened


class Keeper(Protocol):
    """What the routes need of the node (`footfall.node.node.Node`)."""

    @property
    def contacts(self) -> Contacts: ...
    def read(self, project_id: str) -> AbstractContextManager[Tables]: ...
    def hiding(self, project_id: str) -> Hiding: ...


class ContactItem(BaseModel):
    """One contact detail of a person: the latest of its kind."""

    field: str = Field(description="`email` or `phone`.")
    value: str | None = Field(description="As it was sent; null when it can't be opened.")
    said: str = Field(description="When the event happened that told it: ISO 8601, UTC.")
    trouble: str | None = Field(description="Why it can't be opened.")


class ContactsPage(BaseModel):
    """All contact details of a person."""

    items: list[ContactItem]


class Resealed(BaseModel):
    """What was sealed anew."""

    resealed: int = Field(description="Details of all projects that an older key had sealed.")
    unopened: int = Field(description="Details whose key is not given; they stay as they are.")


def contacts_router(keeper: Keeper) -> APIRouter:
    """The routes; they have to stand before those of `/v1/people`."""
    routes = APIRouter(prefix="/v1", tags=["privacy"])

    @routes.get("/people/{who:path}/contacts", dependencies=[needs(Permission.CONTACTS)], summary="Contact details")
    def list_contacts(who: Who, project: ProjectOf) -> ContactsPage:
        """A person's e-mail address and telephone number in plain text, where a data key keeps them."""
        with keeper.read(project) as tables:
            person = person_of(tables, project, meant(tables, keeper.hiding(project), who))
        return ContactsPage(items=[_item(keeper.contacts, one) for one in _theirs(keeper.contacts, person)])

    @routes.post(
        "/contacts/reseal", dependencies=[needs(Permission.MANAGE, every_project=True)], summary="Seal contacts anew"
    )
    def reseal_contacts() -> Resealed:
        """Seals the contact details of all projects with the present data key; then an older one may be removed."""
        resealed, unopened = keeper.contacts.reseal()
        return Resealed(resealed=resealed, unopened=unopened)

    return routes


def exported(contacts: Contacts, person: Person, *, plain: bool) -> Iterator[dict[str, Any]]:
    """The lines `contact` of a person's export; without `plain` they only say that there is something."""
    for one in _theirs(contacts, person):
        item = _item(contacts, one)
        yield item.model_dump() if plain else {"field": item.field, "said": item.said, "sealed": True}


def _theirs(contacts: Contacts, person: Person) -> Sequence[Contact]:
    return contacts.of(person.project_id, person.subjects)


def _item(contacts: Contacts, contact: Contact) -> ContactItem:
    value = trouble = None
    try:
        value = contacts.opened(contact)
    except Unopened as error:
        trouble = error.detail
    return ContactItem(field=contact.field, value=value, said=write_time(contact.ts_us), trouble=trouble)
