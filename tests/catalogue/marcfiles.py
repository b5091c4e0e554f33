"""A small writer of MARC files, independent of the reader it tests."""

from __future__ import annotations

from xml.sax.saxutils import escape

Fields = list[tuple[str, str]]  # ("001", "123") or ("200", "1 $a围城$f钱锺书著")

WEICHENG: Fields = [
    ("001", "012001"),
    ("010", "  $a7-02-002475-0$dCNY28.00"),
    ("101", "0 $achi"),
    ("200", "1 $a围城$e长篇小说$f钱锺书著$g杨绛译"),
    ("210", "  $a北京$c人民文学出版社$d1991.2"),
    ("215", "  $a[8],359页$d20cm"),
    ("225", "2 $a中国现代长篇小说丛书"),
    ("606", "0 $a长篇小说$y中国$z现代"),
    ("690", "  $aI246.5$v4"),
    ("701", " 0$a钱锺书$4著"),
    ("702", " 0$a杨绛$4译"),
    ("801", " 0$aCN$bNLC$c20010101"),
    ("905", "  $azx$bT001$bT002$dI246.5$e12"),
]
HONGLOUMENG_21: Fields = [
    ("001", "u77"),
    ("008", f"{'040101s1982    cc':<35}chi d"),
    ("020", "  $a9787020002207 (pbk.)$cCNY59.70"),
    ("084", "  $aI242.4$2clc"),
    ("245", "10$a红楼梦 /$c曹雪芹著."),
    ("260", "  $a北京 :$b人民文学出版社,$c1982."),
    ("300", "  $a3 v. (1606 p.)"),
    ("100", "1 $a曹雪芹,$eauthor."),
    ("700", "1 $aHawkes, David,$etranslator."),
    ("952", "  $bzx$cB2$oI242.4/5$pK001"),
]


def iso2709(fields: Fields, encoding: str = "utf-8", leader9: str = " ") -> bytes:
    """One record as ISO 2709 bytes."""
    directory, body = b"", b""
    for tag, text in fields:
        data = text.replace("$", "\x1f").encode(encoding) + b"\x1e"
        directory += f"{tag}{len(data):04d}{len(body):05d}".encode()
        body += data
    base = 24 + len(directory) + 1
    length = base + len(body) + 1
    leader = f"{length:05d}nam0{leader9}22{base:05d}   450 "
    return leader.encode() + directory + b"\x1e" + body + b"\x1d"


def marcxml(records: list[Fields], encoding: str = "UTF-8") -> bytes:
    """Records in an SRU answer."""
    inner = "".join(f"<record><recordData>{_record(fields)}</recordData></record>" for fields in records)
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f"{head}<answer><records>{inner}</records></answer>".encode(encoding)


def _record(fields: Fields) -> str:
    return f'<record xmlns="http://www.loc.gov/MARC21/slim">{"".join(_field(*one) for one in fields)}</record>'


def _field(tag: str, text: str) -> str:
    if tag < "010":
        return f'<controlfield tag="{tag}">{escape(text)}</controlfield>'
    parts = "".join(f'<subfield code="{part[0]}">{escape(part[1:])}</subfield>' for part in text.split("$")[1:])
    return f'<datafield tag="{tag}" ind1="{text[0]}" ind2="{text[1]}">{parts}</datafield>'
