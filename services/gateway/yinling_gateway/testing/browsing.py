"""A browser without JavaScript, as far as the pages' tests need one: it reads forms and sends them as they stand."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

Files = dict[str, tuple[str, bytes]]


@dataclass
class WebForm:
    """A form of a page.

    Attributes:
        fields: Names and values that are sent, in their order; what a person types is put here.
        buttons: Names and values of the buttons.
    """

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """What a field holds."""
        return [value for given, value in self.fields if given == name]

    def fill(self, name: str, *values: str) -> None:
        """Type into a field, or choose."""
        self.fields = [(given, value) for given, value in self.fields if given != name]
        self.fields += [(name, value) for value in values]


class Browser:
    """One person's browser.

    Attributes:
        page: The last answer.
        forms: The forms of the last page.
        text: What a person reads on it, without the marks.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        client.headers["Accept"] = "text/html"
        client.follow_redirects = True
        self.page = httpx.Response(200)
        self.forms: list[WebForm] = []
        self.text = ""

    @property
    def path(self) -> str:
        """Where it is."""
        return self.page.url.path

    async def open(self, path: str) -> None:
        """Go to an address."""
        self._read(await self._client.get(path))

    async def sign_in(self, username: str, password: str) -> None:
        """Sign in through the page."""
        await self.open("/sign-in")
        await self.submit("/sign-in", username=username, password=password)

    def form(self, action: str) -> WebForm:
        """The form that is sent to an address; "" for the page's own."""
        return next(form for form in self.forms if form.action == action and form.method == "post")

    async def submit(self, action: str, *, button: tuple[str, str] | None = None, **typed: str | list[str]) -> None:
        """Fill a form in and send it with one of its buttons."""
        form = self.form(action)
        for name, value in typed.items():
            form.fill(name, *([value] if isinstance(value, str) else value))
        if button is not None and button not in form.buttons:
            raise AssertionError(f"no button {button} among {form.buttons}")
        await self.post(action or str(self.page.url), form.fields + ([button] if button else []))

    async def post(self, path: str, fields: list[tuple[str, str]]) -> None:
        """Send fields as a form does."""
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        self._read(await self._client.post(path, data=data))

    async def upload(self, action: str, files: Files, **typed: str) -> None:
        """Send a form with files."""
        form = self.form(action)
        for name, value in typed.items():
            form.fill(name, value)
        self._read(await self._client.post(action or str(self.page.url), data=dict(form.fields), files=files))

    def _read(self, answer: httpx.Response) -> None:
        reader = _Reader()
        if answer.headers.get("content-type", "").startswith("text/html"):
            reader.feed(answer.text)
        self.page, self.forms, self.text = answer, reader.forms, " ".join(" ".join(reader.words).split())


class _Reader(HTMLParser):
    """Collects forms and words."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[WebForm] = []
        self.words: list[str] = []
        self._form: WebForm | None = None
        self._select = self._area = ""
        self._area_text = ""
        self._chosen: str | None = None
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self._form = WebForm(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind != "file" and (kind not in {"checkbox", "radio"} or "checked" in given):
                self._form.fields.append((name, value))
        elif tag == "button" and given.get("type", "submit") == "submit" and name:
            self._form.buttons.append((name, value))
        elif tag == "select":
            self._select, self._chosen, self._first = name, None, None
        elif tag == "option" and self._select:
            self._first = value if self._first is None else self._first
            self._chosen = value if "selected" in given else self._chosen
        elif tag == "textarea":
            self._area, self._area_text = name, ""

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            chosen = self._chosen if self._chosen is not None else self._first
            self._form.fields.append((self._select, chosen or ""))
            self._select = ""
        elif tag == "textarea" and self._area:
            self._form.fields.append((self._area, self._area_text.removeprefix("\n")))
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area_text += data
        self.words.append(data)
