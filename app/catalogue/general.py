"""The criteria that every kind shares: reach, window, price, and not one's own."""

from __future__ import annotations

from app.catalogue.declaration import Criterion, Test
from app.kernel.text import Text

REACH = Criterion(
    name="reach",
    label=Text("Distance", "距离"),
    test=Test.REACH,
    unit="m",
    weight=25,
    passed=Text("{supply} away: {margin} inside the reach of {demand}.", "距离 {supply}，在 {demand} 范围内，余 {margin}。"),
    failed=Text("{supply} away: {margin} outside the reach of {demand}.", "距离 {supply}，超出 {demand} 范围 {margin}。"),
    change=Text("widen the reach to {value}", "将范围扩大到 {value}"),
)
WINDOW = Criterion(
    name="window",
    label=Text("Window", "期限"),
    test=Test.WINDOW,
    unit="d",
    weight=15,
    full_at=1.0,
    passed=Text("Open for the whole period asked for.", "所需期限内全程开放。"),
    failed=Text("Not open for the whole period: {margin} missing.", "开放期限不能覆盖所需期限，缺 {margin}。"),
    change=Text("ask for the period {value}", "将期限改为 {value}"),
)
PRICE = Criterion(
    name="price",
    label=Text("Price", "价格"),
    test=Test.PRICE,
    unit="money",
    weight=20,
    full_at=0.5,
    passed=Text("{supply} a year each: {margin} under the budget.", "单价每年 {supply}，比预算低 {margin}。"),
    failed=Text("{supply} a year each: {margin} over the budget.", "单价每年 {supply}，比预算高 {margin}。"),
    change=Text("raise the budget to {value} a year each", "将单价年度预算提高到 {value}"),
)
NOT_OWN = Criterion(
    name="not_own",
    label=Text("Owner", "权属"),
    test=Test.NOT_OWN,
    movable=False,
    passed=Text("Belongs to another organisation.", "属于其他单位。"),
    failed=Text("Your own asset: no sharing agreement is needed.", "属于本单位，无需共享协议。"),
)
GENERAL = (REACH, WINDOW, PRICE, NOT_OWN)
