"""How to reach the person of a row. What cannot be read is left out with a warning."""

import re
import unicodedata

from yinling_talent.domain import Contact
from yinling_talent.roster.fields import Fields

_PHONE = re.compile(r"\+?[0-9(][0-9() \-]{4,38}")
_PHONE_BREAK = re.compile(r"[、,，;；/／\n]|(?<=\d{11})\s+(?=1\d{10})")
_EMAIL = re.compile(r"[^@\s<>,;，；、]{1,64}@[^@\s<>,;，；、.]+(?:\.[^@\s<>,;，；、.]+)+")


def contact(row: Fields) -> Contact:
    """Telephone, e-mail, WeChat and address; what cannot be read is left out."""
    return Contact(
        phone=_phone(row),
        email=_email(row),
        wechat=row.text("contact.wechat"),
        address=row.text("contact.address", lambda value: " ".join(value.split())),
    )


def _phone(row: Fields) -> str:
    cell = row.first("contact.phone")
    if cell is None:
        return ""
    value = unicodedata.normalize("NFKC", row.safe(cell))
    value = re.sub(r"[—–−]", "-", value)
    numbers = [each for part in _PHONE_BREAK.split(value) for each in [_PHONE.search(part)] if each]
    if not numbers or len(re.sub(r"\D", "", numbers[0].group())) < 5:
        row.warn(
            cell, "phone.unreadable", "电话号码无法识别，已留空", "请填一个电话号码，如 13800000000 或 0812-3300000",
            "is no telephone number and was left out; write one such as 0812-3300000",
        )  # fmt: skip
        return ""
    if len(numbers) > 1:
        row.warn(
            cell, "phone.several", "有多个号码，只保存第一个", "请只留一个号码",
            "holds several numbers, of which the first is kept; leave one",
        )  # fmt: skip
    row.stated.add("contact.phone")
    return " ".join(numbers[0].group().split()).strip()


def _email(row: Fields) -> str:
    cell = row.first("contact.email")
    if cell is None:
        return ""
    found = _EMAIL.search(unicodedata.normalize("NFKC", row.safe(cell)))
    if found is None:
        row.warn(
            cell, "email.unreadable", "邮箱地址无法识别，已留空", "请写成 name@example.com",
            "is no e-mail address and was left out; write it as name@example.com",
        )  # fmt: skip
        return ""
    row.stated.add("contact.email")
    return found.group()
