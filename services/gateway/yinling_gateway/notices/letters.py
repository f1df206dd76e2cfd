"""A mail as it goes out: plain text, and the same as simple HTML."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from html import escape

from yinling_gateway.notices.domain import Batch
from yinling_gateway.notices.words import Said, say

_GREETING = ("您好！", "Hello,")
_MANY = ("您有 {count} 条新消息：", "There are {count} pieces of news for you:")
_MANY_SUBJECT = ("银龄：您有 {count} 条新消息", "Yinling: {count} pieces of news for you")
_OPEN = ("打开页面查看", "Open the page")
_CLOSING = ("祝您身体健康、生活愉快！\n银龄", "With kind regards\nYinling")
_CHANGE = (
    "想少收邮件，或换个时间收，可以在这里设置：{link}",
    "To get fewer mails, or at another time, choose here: {link}",
)
_BY_OFFICE = (
    "要答复，或有什么不清楚的，请给{office}打个电话，他们会帮您办理。",
    "To answer, or if anything is unclear, please call {office}; they will help you.",
)
_NO_MORE = ("不想再收到这样的邮件，也请告诉他们。", "Please also tell them if you do not want mails.")


def compose(batch: Batch, *, sender: str, public_url: str, now: datetime) -> EmailMessage:
    """The mail of a batch.

    Its Message-ID follows from the batch, which stays the same when it is sent again after a crash: mail servers and
    programs then see that it is the same mail.

    Args:
        batch: What it tells.
        sender: Name and address.
        public_url: Begins the links; without it there are none.
        now: Its date.
    """
    english = batch.locale == "en"
    said = [say(item.event, english=english, on_behalf_of=item.on_behalf_of) for item in batch.items]
    base = public_url.rstrip("/") if batch.account_id else ""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = batch.address
    message["Subject"] = _one_line(said[0].subject if len(said) == 1 else _many(_MANY_SUBJECT, len(said), english))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{batch.id}@{address.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    if base:
        message["List-Unsubscribe"] = f"<{base}/notices/preferences>"
    links = [f"{base}/notices/{item.notice_id}" if base and item.notice_id else "" for item in batch.items]
    after = [_CLOSING[english]]
    if not batch.account_id:
        after.insert(0, _BY_OFFICE[english].format(office=batch.items[0].event.office))
    tail = _tail(batch, base, english)
    message.set_content(_text(said, links, after, tail, english), cte="base64")
    message.add_alternative(_html(said, links, after, tail, english), subtype="html", cte="base64")
    # By itself it is a random number; a mail that is sent again is to be the same.
    message.set_boundary(f"=_{sha256(batch.id.encode()).hexdigest()[:32]}")
    return message


def _tail(batch: Batch, base: str, english: bool) -> str:
    if batch.account_id:
        return _CHANGE[english].format(link=f"{base}/notices/preferences") if base else ""
    return _NO_MORE[english]


def _text(said: list[Said], links: list[str], after: list[str], tail: str, english: bool) -> str:
    parts = [_GREETING[english]]
    if len(said) == 1:
        parts.append(said[0].body)
        if links[0]:
            parts.append(f"{_OPEN[english]}{': ' if english else '：'}{links[0]}")
    else:
        parts.append(_many(_MANY, len(said), english))
        for number, (one, link) in enumerate(zip(said, links, strict=True), 1):
            parts.append("\n".join(filter(None, [f"{number}. {_one_line(one.subject)}", one.body, link])))
    parts += after
    if tail:
        parts.append(f"-- \n{tail}")
    return "\n\n".join(parts) + "\n"


def _html(said: list[Said], links: list[str], after: list[str], tail: str, english: bool) -> str:
    parts = [f"<p>{_GREETING[english]}</p>"]
    if len(said) > 1:
        parts.append(f"<p>{_many(_MANY, len(said), english)}</p>")
    for one, link in zip(said, links, strict=True):
        if len(said) > 1:
            parts.append(f'<h2 style="font-size:20px;margin:24px 0 4px">{escape(_one_line(one.subject))}</h2>')
        parts.append(f"<p>{escape(one.body)}</p>")
        if link:
            parts.append(f'<p><a href="{escape(link)}" style="{_BUTTON}">{_OPEN[english]}</a></p>')
    parts += [f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in after]
    if tail:
        address = tail[tail.index("http") :] if "http" in tail else ""
        shown = escape(tail)
        if address:
            shown = shown.replace(escape(address), f'<a href="{escape(address)}">{escape(address)}</a>')
        parts.append(f'<p style="font-size:15px;color:#51606b">{shown}</p>')
    language = "en" if english else "zh-CN"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">{_VIEWPORT}</head>'
        f'<body style="{_BODY}">{"".join(parts)}</body></html>\n'
    )


_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
_BODY = "font-family:sans-serif;font-size:18px;line-height:1.7;color:#1b2730;max-width:36em"
_BUTTON = "display:inline-block;background:#0b5c55;color:#fff;padding:10px 22px;border-radius:8px;text-decoration:none"


def _many(words: tuple[str, str], count: int, english: bool) -> str:
    return words[english].format(count=count)


def _one_line(text: str) -> str:
    """A subject is one line; titles are people's texts."""
    return " ".join(text.split())[:200]
