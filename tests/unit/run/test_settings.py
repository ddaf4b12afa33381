"""Settings are refused at start, in words, when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings, SettingsError


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"INFRASHARE_VAR": str(tmp_path), **env})


@pytest.mark.parametrize("transport", ["", "table"])
def test_the_job_table_alone_is_the_default(tmp_path: Path, transport: str) -> None:
    assert settings(tmp_path, JOB_TRANSPORT=transport).amqp_url == ""


@pytest.mark.parametrize("url", ["amqp://u:p@mq.example.org:5672/jobs", "amqps://mq.example.org", "amqp://u:p@[::1]:5672/%2F"])
def test_a_broker_is_named_by_its_url(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, JOB_TRANSPORT=f"dramatiq+{url}").amqp_url == url


@pytest.mark.parametrize(
    "transport",
    [
        "amqp://u:secret@h/v",
        "dramatiq",
        "dramatiq+redis://u:secret@h",
        "dramatiq+amqp://",
        "dramatiq+amqp://u:secret@h:port/v",
        "celery+amqp://h",
        "off",
    ],
)
def test_another_transport_is_refused_without_its_password(tmp_path: Path, transport: str) -> None:
    with pytest.raises(SettingsError, match="JOB_TRANSPORT: give dramatiq") as refused:
        settings(tmp_path, JOB_TRANSPORT=transport)
    assert "secret" not in str(refused.value)
