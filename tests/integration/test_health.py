"""Whether the application answers, and whether its database does."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_the_process_answers(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_the_database_answers_at_a_migration(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"]
