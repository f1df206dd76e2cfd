"""Files that are no rosters, each told apart and refused; and every form in which a text table comes."""

import contextlib
import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from yinling_common.errors import UnreadableFile
from yinling_talent.roster import Issue, RosterRow, container, measure, read_roster, reader

Save = Callable[[str, bytes], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def _save(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return _save


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def refused(path: Path, name: str | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        list(read_roster(path, name or path.name, "攀钢"))
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)
    assert caught.value.violations[0].field == "chunk"
    assert caught.value.violations[0].rule == caught.value.metadata["rule"]
    return caught.value


GOOD = workbook(("姓名", "居住地"), ("王建国", "攀枝花"))


def encrypted() -> bytes:
    return container._OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600


def lying_bomb() -> bytes:
    """A workbook of which one part says that it is small and unpacks to far more."""
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", b"\0" * 3_000_000)
        offset = archive.getinfo("xl/media/big.bin").header_offset
    data = bytearray(buffer.getvalue())
    data[offset + 22 : offset + 26] = struct.pack("<I", 10)
    directory = data.rfind(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("a.xlsx", b"", "file.empty"),
        ("a.csv", b"", "file.empty"),
        ("a.xlsx", b"%PDF-1.7\n" + b"x" * 100, "file.type"),
        ("a.csv", b"%PDF-1.7\n" + b"x" * 100, "file.type"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "file.type"),
        ("a.xls", container._OLE + b"\0" * 2000, "file.type"),
        ("a.xlsx", encrypted(), "file.encrypted"),
        ("a.xlsx", b"hello", "file.type"),
        ("a.xls", b"<html><table><tr><td>x</td></tr></table></html>", "file.type"),
        ("a.xlsx", GOOD[:500], "file.damaged"),
        ("a.xlsx", GOOD[:300] + bytes(200) + GOOD[500:], "file.damaged"),
        ("a.csv", bytes(range(256)) * 4, "file.type"),
        ("a.csv", b"\x00" * 50, "file.type"),
        ("a.csv", "姓名,城市\n王\x00建国,攀枝花\n".encode(), "file.type"),
        ("a.csv", b"hello world", "file.no_header"),
        ("a.csv", "序号,部门\n1,炼铁\n".encode(), "file.no_header"),
        ("a.csv", "姓名,居住地\n".encode(), "file.no_rows"),
        ("a.csv", '姓名,居住地\n"王建国,攀枝花\n'.encode() + b"x,y\n" * 1000, "csv.quotes"),
        ("a.xlsx", workbook(), "file.no_header"),
        ("a.xlsx", workbook(("姓名", "居住地")), "file.no_rows"),
        ("a.xlsx", workbook(("一", "二"), ("王建国", "攀枝花")), "file.no_header"),
    ],
)
def test_each_bad_file_is_refused_with_its_reason(save: Save, name: str, data: bytes, rule: str) -> None:
    assert refused(save(name, data)).metadata["rule"] == rule


def test_other_zip_files_are_no_workbooks(save: Save) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(save("a.xlsx", buffer.getvalue())).metadata["rule"] == "file.type"


def test_a_zip_bomb_is_refused_whatever_its_header_says(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_UNPACKED", 1_000_000)
    assert refused(save("a.xlsx", lying_bomb())).metadata["rule"] == "file.unpacked_size"


def test_a_stray_cell_far_away_is_refused_before_it_is_laid_out(save: Save) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(("姓名", "居住地"))
    sheet["XFD1048576"] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    assert refused(save("a.xlsx", buffer.getvalue())).metadata["rule"] == "sheet.area"


def test_too_many_rows(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS", 3)
    path = save("a.csv", "姓名,居住地\n".encode() + "".join(f"王{n},攀枝花\n" for n in range(4)).encode())
    assert refused(path).metadata["rule"] == "file.rows"


def test_too_large(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_BYTES", 10)
    assert refused(save("a.xlsx", GOOD)).metadata["rule"] == "file.size"


def test_a_workbook_is_known_by_its_content_not_its_name(save: Save) -> None:
    assert names(save("a.csv", GOOD)) == ["王建国"]


def names(path: Path) -> list[str]:
    return [item.profile.name for item in read_roster(path, path.name, "攀钢") if isinstance(item, RosterRow)]


TABLE = [["姓名", "居住地", "简介"], ["王建国", "攀枝花", '他说："好，\n再来"；完'], ["李 娜", "北京", ""]]


def as_text(delimiter: str, newline: str = "\n") -> str:
    quote = '"'
    return "".join(
        delimiter.join(f'"{cell.replace(quote, quote * 2)}"' if "\n" in cell else cell for cell in row) + newline
        for row in TABLE
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_form_of_csv(save: Save, delimiter: str, encoding: str, newline: str) -> None:
    path = save("名单.csv", as_text(delimiter, newline).encode(encoding))
    found = list(read_roster(path, path.name, "攀钢"))
    assert [item for item in found if isinstance(item, Issue)] == []
    first, second = (item for item in found if isinstance(item, RosterRow))
    assert (first.profile.name, first.profile.city, first.row, first.sheet) == ("王建国", "攀枝花", 2, "")
    assert first.profile.bio == '他说："好，\n再来"；完'
    assert (second.profile.name, second.row) == ("李娜", 3)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.xlsx", "a.csv", "a.txt"]))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(data)
    with pytest.raises(UnreadableFile):
        list(read_roster(path, name, "攀钢"))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_flipped_byte_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, at: int, by: int) -> None:
    data = bytearray(GOOD)
    data[at] ^= by
    path = tmp_path_factory.mktemp("flipped") / "a.xlsx"
    path.write_bytes(data)
    with contextlib.suppress(UnreadableFile):
        list(read_roster(path, "a.xlsx", "攀钢"))


def shared(data: bytes) -> bytes:
    """The workbook with its texts in a table of their own, as Excel writes them."""
    texts: list[str] = []

    def share(found: re.Match[str]) -> str:
        if found[2] not in texts:
            texts.append(found[2])
        return f'{found[1]} t="s"><v>{texts.index(found[2])}</v></c>'

    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            xml = old.read(name).decode()
            if name.startswith("xl/worksheets/sheet"):
                xml = re.sub(r'(<c r="\w+") t="inlineStr"><is><t>(.*?)</t></is></c>', share, xml)
            elif name == "[Content_Types].xml":
                xml = xml.replace(
                    "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
                )
            elif name == "xl/_rels/workbook.xml.rels":
                part = f'<Relationship Id="rIdS" Type="{relation}" Target="sharedStrings.xml"/>'
                xml = xml.replace("</Relationships>", f"{part}</Relationships>")
            new.writestr(name, xml)
        strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
        namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{namespace}">{strings}</sst>')
    return buffer.getvalue()


def test_a_long_text_shared_by_many_cells_is_refused(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("姓名", "简介"), *((f"王{n}", "很长" * 5000) for n in range(200))]
    path = save("a.xlsx", shared(workbook(*rows)))
    assert len(names(path)) == 200
    monkeypatch.setattr(container, "MAX_TEXT", 200 * 30_000)
    assert refused(path).metadata["rule"] == "file.unpacked_size"


@given(st.integers(1, 64), st.lists(st.text("甲乙丙丁<&", max_size=9), min_size=1, max_size=30))
def test_sizes_do_not_depend_on_where_blocks_end(step: int, texts: list[str]) -> None:
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;") for text in texts]
    strings = "<sst>" + "".join(f"<si><t>{text}</t></si>" for text in escaped) + "</sst>"
    sheet = "".join(
        f'<row r="{n}"><c r="B{n}" t="s"><v>{n - 1}</v></c><c r="C{n}" s="1"/></row>' for n in range(1, len(texts) + 1)
    )
    whole, pieces = (measure.TextSize(), measure.SheetSize()), (measure.TextSize(), measure.SheetSize())
    for (text_size, sheet_size), width in ((whole, 1 << 20), (pieces, step)):
        for data, add in ((sheet, text_size.add_sheet), (sheet, sheet_size.add), (strings, text_size.add_strings)):
            raw = data.encode()
            for start in range(0, len(raw), width):
                add(raw[start : start + width])
            text_size.end_of_part()
    assert whole[0].total == pieces[0].total >= sum(len(text.encode()) for text in escaped)
    assert (pieces[1].rows, pieces[1].columns) == (whole[1].rows, whole[1].columns) == (len(texts), 2)


@pytest.mark.parametrize(
    "xml", [b"<row r='1048576'><c><v>1</v></c></row>", b"<x:row r=\"9\"><x:c r='XFD1048576'><x:v>1"]
)
def test_odd_xml_hides_no_size(xml: bytes) -> None:
    size = measure.SheetSize()
    size.add(xml)
    assert size.area > container.MAX_AREA
