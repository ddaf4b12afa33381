"""What accounts writes by mail, in both languages: the reader's may not be known yet."""

from __future__ import annotations

from app.kernel.text import Text

INVITATION_SUBJECT = Text("Invitation to Infrashare: {organisation}", "Infrashare 邀请：{organisation}")
INVITATION = Text(
    "{inviter} invites you to work for {organisation} on Infrashare as: {role}.\n\n"
    "Accept the invitation within {days} days:\n{link}\n\nIf you did not expect this, do nothing.\n",
    "{inviter}邀请您代表“{organisation}”使用 Infrashare，角色：{role}。\n\n请在 {days} 天内接受邀请：\n{link}\n\n如与您无关，请忽略此邮件。\n",
)
RESET_SUBJECT = Text("Set a new password", "重设密码")
RESET = Text(
    "Somebody, probably you, asked to set a new password for your Infrashare account.\n\n"
    "Set it within {minutes} minutes:\n{link}\n\nIf it was not you, do nothing: your password stays as it is.\n",
    "有人（应是您本人）申请重设您的 Infrashare 密码。\n\n请在 {minutes} 分钟内设置：\n{link}\n\n如非本人操作，请忽略，密码不会改变。\n",
)


def both(text: Text) -> str:
    return f"{text.zh}\n----\n\n{text.en}"


def subject(text: Text) -> str:
    return f"{text.zh} / {text.en}"
