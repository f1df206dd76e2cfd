"""Looks at an uploaded file before it is read: what it really is, and whether reading it is safe."""

import zipfile
import zlib
from pathlib import Path
from typing import NoReturn

from yinling_common.errors import UnreadableFile, Violation
from yinling_talent.roster.measure import SheetSize, TextSize

MAX_BYTES = 64 * 1024 * 1024
# Two imports at a time have to fit into the memory that docker-compose.yml gives the service.
MAX_UNPACKED = 256 * 1024 * 1024
MAX_PARTS = 5000
MAX_TEXT = 128 * 1024 * 1024
"""Bytes of text in all cells; a text that many cells share is laid out in memory for each of them."""
MAX_AREA = 2_500_000
"""Cells between the first and the last used one: the reader lays out the whole rectangle in memory."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_SAVE_AS = "请用 Excel 或 WPS 打开后“另存为” .xlsx 再上传"
_SAVE_AS_EN = 'open it in Excel or WPS, choose "Save as" .xlsx and upload that'
_FOREIGN = [
    (b"%PDF", "PDF 文件", "a PDF file"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"Rar!", "压缩包", "an archive"),
    (b"7z\xbc\xaf", "压缩包", "an archive"),
    (b"\x1f\x8b", "压缩包", "an archive"),
]
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


def unreadable(rule: str, chinese: str, english: str) -> UnreadableFile:
    """The error that says in both languages why a file cannot be read and what to do."""
    message = f"{chinese}。{english[0].upper()}{english[1:]}."
    error = UnreadableFile(message, metadata={"field": "chunk", "rule": rule})
    error.violations = [Violation("chunk", rule, message)]
    return error


def is_workbook(path: Path, filename: str) -> bool:
    """Tells a workbook (True) from a text file (False) by what the file holds, not by its name.

    Raises:
        UnreadableFile: It is empty, too large, or neither of the two.
    """
    size = path.stat().st_size
    if size == 0:
        raise unreadable(
            "file.empty", "文件是空的，请重新导出后上传", "the file is empty; export it again and upload that"
        )
    if size > MAX_BYTES:
        most = MAX_BYTES // 1024 // 1024
        raise unreadable(
            "file.size", f"文件超过 {most} MB，请拆分后上传", f"the file is larger than {most} MB; split it"
        )
    with path.open("rb") as file:
        head = file.read(2048)
    if head.startswith(_OLE):
        _refuse_ole(path)
    for magic, chinese, english in _FOREIGN:
        if head.startswith(magic):
            raise unreadable(
                "file.type",
                f"这是{chinese}，不是花名册表格。{_SAVE_AS}",
                f"this is {english}, not a roster; {_SAVE_AS_EN}",
            )
    if head.lstrip().lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise unreadable(
            "file.type", f"这是网页格式的表格。{_SAVE_AS}", f"this is a web page named as a workbook; {_SAVE_AS_EN}"
        )
    if head.startswith(_ZIP):
        return True
    if filename.lower().endswith((".xlsx", ".xlsm", ".xls", ".et")):
        raise unreadable(
            "file.type",
            f"文件名是表格，但内容不是 Excel 工作簿（可能已损坏或只改了扩展名）。{_SAVE_AS}",
            f"it is named as a workbook but is none: damaged, or only renamed; {_SAVE_AS_EN}",
        )
    return False


def check_workbook(path: Path) -> None:
    """Makes sure that a zip file is an .xlsx workbook, whole, and of a size that can be read.

    Raises:
        UnreadableFile: It is not.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names:
                raise unreadable(
                    "file.type",
                    f"这不是 .xlsx 工作簿（可能是 .xlsb、.ods、.docx 或普通压缩包）。{_SAVE_AS}",
                    f"this is no .xlsx workbook but perhaps .xlsb, .ods, .docx or an archive; {_SAVE_AS_EN}",
                )
            if len(names) > MAX_PARTS:
                _refuse_bomb()
            _check_parts(archive)
    except _DAMAGED as error:
        if isinstance(error, RuntimeError) and "encrypted" in str(error):
            _refuse_encrypted()
        raise unreadable(
            "file.damaged", "文件已损坏，请重新保存后上传", "the file is damaged; save it again and upload that"
        ) from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    left = MAX_UNPACKED
    size = TextSize()
    for part in archive.infolist():
        # The size in the header may lie: read on to the real end of the data, or until it is too much.
        part.file_size = 1 << 62
        used = SheetSize()
        with archive.open(part) as stream:
            while block := stream.read(1 << 20):
                left -= len(block)
                if left < 0:
                    _refuse_bomb()
                if part.filename.startswith("xl/worksheets/"):
                    used.add(block)
                    size.add_sheet(block)
                elif part.filename.endswith("sharedStrings.xml"):
                    size.add_strings(block)
        size.end_of_part()
        if used.area > MAX_AREA:
            raise unreadable(
                "sheet.area",
                f"工作表的已用区域太大（到第 {used.rows} 行、第 {used.columns} 列）。"
                "请删除最右、最下方多余的单元格，或把名单复制到新工作簿后上传",
                f"a sheet stretches to row {used.rows}, column {used.columns}; delete stray cells far right or below, "
                "or copy the list into a new workbook",
            )
    if size.total > MAX_TEXT:
        _refuse_bomb()


def _refuse_ole(path: Path) -> None:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        _refuse_encrypted()
    raise unreadable("file.type", f"这是旧版 .xls 工作簿。{_SAVE_AS}", f"this is an old .xls workbook; {_SAVE_AS_EN}")


def _refuse_encrypted() -> NoReturn:
    raise unreadable(
        "file.encrypted",
        "工作簿设有打开密码，请取消密码后再上传",
        "the workbook is protected by a password; remove the password and upload it again",
    )


def _refuse_bomb() -> NoReturn:
    raise unreadable(
        "file.unpacked_size",
        "工作簿解压后过大，请删除图片和无关工作表，或拆分后上传",
        "the workbook is too large when unpacked; delete pictures and other sheets, or split it",
    )
