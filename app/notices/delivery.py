"""How a mail leaves: a file under the outbox folder, or an SMTP server when MAIL_URL names one."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.config import Settings
from app.notices.dressing import dress

TIMEOUT_S = 30
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """`ref` makes the Message-ID: the same mail sent twice is one mail to its reader."""

    ref: str
    recipient: str
    subject: str
    body: str
    created_at: datetime
    unsubscribe_url: str | None = None


Deliver = Callable[[EmailMessage, str], None]


def compose(mail: OutgoingMail, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.ref}@{parseaddr(sender)[1].partition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:  # RFC 2369 and RFC 8058: the mail program offers one click
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body)
    message.add_alternative(dress(mail.subject, mail.body, mail.unsubscribe_url), subtype="html")
    return message


def to_folder(folder: Path) -> Deliver:
    """Write each mail as `<ref>.eml`, whole or not at all."""

    def deliver(message: EmailMessage, ref: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{ref}.part"
        part.write_bytes(message.as_bytes())
        part.rename(folder / f"{ref}.eml")

    return deliver


def to_server(url: str) -> Deliver:
    """Send over SMTP: `smtps` speaks TLS from the start, `smtp` upgrades when the server offers it; a password never travels
    in the clear."""
    target = urlsplit(url)
    host, port = target.hostname or "localhost", target.port or DEFAULT_PORTS[target.scheme]

    def deliver(message: EmailMessage, ref: str) -> None:
        context = ssl.create_default_context()
        if target.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        with server:
            if target.scheme == "smtp" and server.ehlo() and server.has_extn("starttls"):
                server.starttls(context=context)
            elif target.scheme == "smtp" and target.username:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS: the password was not sent")
            if target.username:
                server.login(unquote(target.username), unquote(target.password or ""))
            server.send_message(message)

    return deliver


def delivery(settings: Settings) -> Deliver:
    return to_server(settings.mail_url) if settings.mail_url else to_folder(settings.mail_folder)
