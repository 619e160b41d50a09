"""What people may ask of whoever holds their data: to be erased everywhere, and to be given everything.

An erasure is a request in the data folder until it is finished (`service`); who is meant says `resolving`, which rows
that are says `matching`. The node carries it out, for it alone has the live pass and the lake in its hands.
"""

from footfall.privacy.matching import Marks, mask, owners_of
from footfall.privacy.models import Person, Receipt, Removed, Request, Signed
from footfall.privacy.service import Erasures

__all__ = ["Erasures", "Marks", "Person", "Receipt", "Removed", "Request", "Signed", "mask", "owners_of"]
