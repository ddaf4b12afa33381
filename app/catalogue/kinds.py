"""The kinds in use. Adding one is one module and one line here."""

from __future__ import annotations

from app.catalogue.cable import CABLE
from app.catalogue.declaration import Registry
from app.catalogue.duct import DUCT
from app.catalogue.room import ROOM
from app.catalogue.tower import TOWER

KINDS = Registry()
for _kind in (TOWER, DUCT, CABLE, ROOM):
    KINDS.add(_kind)
