"""What the cells hold that something is wrong with, so that they can be corrected in the page; problems found by their kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import Json

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_problem", sa.Column("cells", Json, nullable=False, server_default="{}"))
    op.create_index("ix_import_problem_code", "import_problem", ["import_id", "code", "position"])


def downgrade() -> None:
    op.drop_index("ix_import_problem_code", "import_problem")
    op.drop_column("import_problem", "cells")
