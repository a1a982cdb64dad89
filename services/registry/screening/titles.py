"""Words of a name that say little about whose name it is: titles, particles and company forms of the region.

They are folded to one spelling and weigh little; they are not dropped, since `Ma`, `U` or `Co` can be a name
too.
"""

COMPANY_FORMS = {
    "aktiengesellschaft": "ag",
    "and co": "co",
    "berhad": "bhd",
    "co ltd": "ltd",
    "commanditaire vennootschap": "cv",
    "company": "co",
    "company limited": "ltd",
    "corporation": "corp",
    "enterprises": "enterprise",
    "holdings": "holding",
    "incorporated": "inc",
    "joint stock company": "jsc",
    "limited": "ltd",
    "limited liability company": "llc",
    "pcl": "plc",
    "perseroan terbatas": "pt",
    "private limited": "pteltd",
    "pte limited": "pteltd",
    "pte ltd": "pteltd",
    "public company limited": "plc",
    "public limited company": "plc",
    "pvt ltd": "pteltd",
    "sdn bhd": "sdnbhd",
    "sendirian berhad": "sdnbhd",
    "sole co ltd": "ltd",
    "plc": "plc",
    "pt": "pt",
    "cv": "cv",
    "tbk": "tbk",
    "gmbh": "gmbh",
    "gesellschaft mit beschrankter haftung": "gmbh",
    "oao": "jsc",
    "open joint stock company": "jsc",
    "ooo": "llc",
    "nv": "nv",
    "bv": "bv",
    "sa": "sa",
    "cong ty": "congty",
    "cong ty tnhh": "ltd",
    "cong ty co phan": "jsc",
    "trach nhiem huu han": "ltd",
    "tnhh": "ltd",
}
"""Folded spelling to the form it stands for. Longest phrase first."""

PARTICLES = {
    "b": "bin",
    "bin": "bin",
    "ibn": "bin",
    "binte": "binti",
    "binti": "binti",
    "bint": "binti",
    "bt": "binti",
    "bte": "binti",
    "al": "al",
    "el": "al",
    "de": "de",
    "dela": "de",
    "the": "the",
    "of": "of",
    "and": "and",
    "tan sri": "tansri",
    "a l": "anaklelaki",
    "a p": "anakperempuan",
    "anak lelaki": "anaklelaki",
    "anak perempuan": "anakperempuan",
}
"""Words that join the parts of a name."""

HONORIFICS = frozenset(
    "mr mrs ms miss mdm madam dr prof sir haji hajjah hj hjh datuk dato datin tansri puan encik cik tuan tengku "  # noqa: SIM905
    "nai nang nangsao khun bapak ibu u daw ko ma maung oknha lok".split()
)
"""Titles by which a person may be addressed, romanised. Only in front of a name: Ko and Ma are surnames too."""

NATIVE_AFFIXES = (
    "บริษัท",
    "จำกัด",
    "มหาชน",
    "นางสาว",
    "นาย",
    "นาง",
    "ບໍລິສັດ",
    "ຈຳກັດ",
    "ທ້າວ",
    "ນາງ",
    "ក្រុមហ៊ុន",
    "លោកស្រី",
    "លោក",
    "ဒေါ်",
    "ဦး",
    "有限公司",
)
"""Titles and company forms written onto the name without a blank."""
