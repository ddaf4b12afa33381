"""What runs store is made of listings' public faces: a changed face is noted too."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = "kind, asset_id, owner_id, geom, offered, window_start, window_end, price_minor, currency, status"
AFTER = BEFORE.replace("geom, ", "geom, face_geom, ")


def _note(columns: str) -> None:
    head = f"CREATE TRIGGER match_notes_listing AFTER UPDATE OF {columns} ON listing "
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER match_notes_listing ON listing")
        op.execute(head + "FOR EACH ROW EXECUTE FUNCTION match_note_id('listing')")
    else:
        op.execute("DROP TRIGGER match_notes_listing")
        op.execute(head + "BEGIN INSERT INTO match_change (subject, row_id) VALUES ('listing', NEW.id); END")


def upgrade() -> None:
    _note(AFTER)


def downgrade() -> None:
    _note(BEFORE)
