"""Money: whole minor units of an ISO 4217 currency, and how it is written.

Rounding is half-even, once, at the minor unit. No rates of exchange: two currencies never meet in one sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from http import HTTPStatus

from app.kernel.errors import declare, fail
from app.kernel.quantity import Number, decimal_of
from app.kernel.text import Text

declare(
    "unknown_currency",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "“{currency}” is not an ISO 4217 currency.",
    "“{currency}”不是 ISO 4217 货币代码。",
)
declare(
    "currency_mismatch",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{left} and {right} cannot be added or compared: there is no rate of exchange here.",
    "{left} 与 {right} 不能相加或比较：此处没有汇率。",
)

MOST_MINOR = 10**13  # times any count up to 10^5 it still fits 64 bits

# ISO 4217 active codes, by the decimals of their minor unit.
_NO_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_FOUR_DECIMALS = frozenset(("CLF", "UYW"))
_TWO_DECIMALS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC
    CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
    KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
    PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
    UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW
"""
CURRENCIES = _NO_DECIMALS | _THREE_DECIMALS | _FOUR_DECIMALS | frozenset(_TWO_DECIMALS.split())
SYMBOLS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "JP¥",
    "NZD": "NZ$",
    "AUD": "A$",
    "HKD": "HK$",
    "KES": "KSh",
    "INR": "₹",
    "KRW": "₩",
}


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit; raises `unknown_currency`."""
    if currency not in CURRENCIES:
        raise fail("unknown_currency", currency=currency)
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 4 if currency in _FOUR_DECIMALS else 2


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` whole minor units (fen, cents) of `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)

    @classmethod
    def of(cls, amount: Number, currency: str) -> Money:
        """`amount` major units, rounded half-even to the minor unit."""
        scaled = decimal_of(amount).scaleb(exponent(currency))
        return cls(int(scaled.to_integral_value(ROUND_HALF_EVEN)), currency)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise fail("currency_mismatch", left=self.currency, right=other.currency)
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def times(self, factor: Number) -> Money:
        """This amount times `factor`, rounded once, half-even."""
        return Money(int((self.minor * decimal_of(factor)).to_integral_value(ROUND_HALF_EVEN)), self.currency)

    def prorated(self, part: int, whole: int) -> Money:
        """The share `part / whole` (days of a year, say), exact until the one rounding."""
        return Money(_half_even(self.minor * part, whole), self.currency)

    def format(self, locale: str) -> str:
        return format_money(self.minor, self.currency, locale)

    @property
    def text(self) -> Text:
        return Text(self.format("en"), self.format("zh_CN"))


def _half_even(numerator: int, denominator: int) -> int:
    if denominator <= 0:
        raise ValueError("a share needs a positive whole")
    quotient, rest = divmod(numerator, denominator)
    double = 2 * rest
    return quotient + (double > denominator or (double == denominator and quotient % 2 == 1))


def format_money(minor: int, currency: str, locale: str) -> str:
    """ "¥ 26,000", "−$ 12.50", "KSh 1,300": decimals only where there are any. Yuan read the same in both languages; in English
    a currency without a sign of its own stands as its code, in Chinese as its code too, behind the number."""
    places = exponent(currency)
    amount = abs(Decimal(minor).scaleb(-places))
    shown = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.{places}f}"
    sign = "−" if minor < 0 else ""
    symbol = SYMBOLS.get(currency)
    if symbol is None and locale.lower().startswith("zh"):
        return f"{sign}{shown} {currency}"
    return f"{sign}{symbol or currency} {shown}"
