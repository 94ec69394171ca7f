"""Lines that are no record, or an odd one, among the reviews: in a plain file and in archives."""

from tests.mmecinstruct.hostile.case import Case, after, amid, both, changing, line, packing
from tests.mmecinstruct.hostile.world import LABELS, OLD_REVIEWS, QUESTIONS, REVIEWS, label, product, question, review

GOOD = line(review(30))
DEEP = "[" * 100_000 + "]" * 100_000
MALFORMED = {
    "half_a_line": GOOD[: len(GOOD) // 2] + b"\n",
    "a_line_cut_in_an_escape": b'{"user_id": "U30", "text": "a \\\n',
    "a_line_cut_in_a_unicode_escape": b'{"user_id": "U30", "text": "a \\u00\n',
    "an_opening_brace": b"{\n",
    "a_closing_brace": b"}\n",
    "two_objects": GOOD[:-1] + GOOD,
    "an_object_and_a_word": GOOD[:-1] + b" and more\n",
    "a_byte_order_mark_amid": b"\xef\xbb\xbf" + GOOD,
    "single_quotes": GOOD.replace(b'"', b"'"),
    "a_comment": b"// " + GOOD,
    "a_raw_nul": GOOD.replace(b"weeks", b"we\0ks"),
    "a_raw_control_character": GOOD.replace(b"weeks", b"we\x07ks"),
    "a_raw_tab": GOOD.replace(b"weeks", b"we\tks"),
    "a_high_surrogate_alone": GOOD.replace(b"weeks", b"we\\ud800ks"),
    "a_low_surrogate_alone": GOOD.replace(b"weeks", b"we\\udc00ks"),
    "surrogates_the_wrong_way_round": GOOD.replace(b"weeks", b"we\\udc00\\ud800ks"),
    "an_unknown_escape": GOOD.replace(b"weeks", b"we\\xks"),
    "a_member_without_a_value": b'{"user_id": , "asin": "B0TOOL0001"}\n',
    "a_name_without_quotes": b"{user_id: 1}\n",
    "a_number_with_a_plus": line(review(30), rating="+5"),
    "a_number_in_hexadecimal": line(review(30), rating="0x5"),
    "a_number_that_begins_with_zero": line(review(30), rating="05"),
    "undefined": line(review(30), rating="undefined"),
    "a_line_of_html": b"<!DOCTYPE html><html><body>503 Service Unavailable</body></html>\n",
    "a_line_of_csv": b"U30,B0TOOL0001,5.0,good\n",
    "a_line_of_sql": b"'); DROP TABLE reviews; --\n",
    "a_line_of_a_template": b"{{ 7*7 }}\n",
    "a_row_of_commas": b",,,,,,\n",
    "a_vertical_tab": b"\x0b\n",
    "a_line_separator": "\u2028\n".encode(),
}
OTHER = {
    "no_end_of_line_at_the_end": (GOOD[:40], "malformed_json"),
    "an_empty_line": (b"\n", "blank_line"),
    "a_line_of_spaces": (b"   \t \n", "blank_line"),
    "a_carriage_return": (b"\r\n", "blank_line"),
    "a_latin_1_letter": (GOOD.replace(b"weeks", b"w\xe9ks"), "invalid_utf8"),
    "an_overlong_form": (GOOD.replace(b"weeks", b"w\xc0\xafks"), "invalid_utf8"),
    "a_surrogate_in_utf_8": (GOOD.replace(b"weeks", b"w\xed\xa0\x80ks"), "invalid_utf8"),
    "a_code_point_too_high": (GOOD.replace(b"weeks", b"w\xf4\x90\x80\x80ks"), "invalid_utf8"),
    "a_letter_cut_in_two": (GOOD[:40] + "é".encode()[:1] + b"\n", "invalid_utf8"),
    "a_line_of_bytes_ff": (b"\xff" * 100 + b"\n", "invalid_utf8"),
    "a_line_of_17_megabytes": (b'{"user_id": "' + b"u" * (17 << 20) + b'"}\n', "line_too_long"),
    "null": (b"null\n", "not_an_object"),
    "true": (b"true\n", "not_an_object"),
    "a_number": (b"5\n", "not_an_object"),
    "a_text": (b'"text"\n', "not_an_object"),
    "a_list": (b"[]\n", "not_an_object"),
    "a_list_of_a_good_object": (b"[" + GOOD[:-1] + b"]\n", "not_an_object"),
    "a_hundred_thousand_lists": (DEEP.encode() + b"\n", "not_an_object"),
    "an_empty_object": (b"{}\n", "no_key"),
    "an_object_in_an_object": (b'{"review": ' + GOOD[:-1] + b"}\n", "no_key"),
    "names_in_capitals": (GOOD.replace(b"user_id", b"USER_ID"), "no_key"),
    "a_good_line_again": (line(review(4)), "duplicate_line"),
    "text_as_a_hundred_thousand_lists": (line(review(30), text=DEEP), "no_text"),
    "pictures_as_a_hundred_thousand_lists": (line(review(30), images=DEEP), "no_review_picture"),
}
REPEATED = {
    "a_repeated_member": (line(review(30))[:-2] + b', "user_id": "U31"}\n', 1),
    "members_repeated_in_capitals": (line(review(30))[:-2] + b', "TEXT": "x", "Rating": 9}\n', 1),
    "a_comma_at_the_end": (line(review(30))[:-2] + b",}\n", 1),
    "spaces_around": (b" \t " + line(review(30))[:-1] + b" \t\n", 1),
    "a_member_nobody_knows": (line(review(30) | {"__proto__": {"x": 1}, "$ref": "#", "": ""}), 1),
    "ten_thousand_members_nobody_knows": (line(review(30) | {f"m{i}": i for i in range(10_000)}), 1),
}


def windows(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


CASES = [
    *(Case(f"line: {name}", "sa", amid(REVIEWS, bad), {"malformed_json": 1}) for name, bad in MALFORMED.items()),
    *(
        Case(f"line: {name}", "sa", (after if name.startswith("no_end") else amid)(REVIEWS, bad), {reason: 1})
        for name, (bad, reason) in OTHER.items()
    ),
    *(Case(f"line: {name}", "sa", amid(REVIEWS, odd), more=more) for name, (odd, more) in REPEATED.items()),
    *(
        Case(f"line in {suffix}: {name}", "sa", both(after(REVIEWS, bad), packing(REVIEWS, suffix)), {reason: 1})
        for suffix in (".gz", ".zst")
        for name, bad, reason in (
            ("half a line", GOOD[:50], "malformed_json"),
            ("not UTF-8", b"\xff\n", "invalid_utf8"),
            ("17 megabytes", b"[" * (17 << 20) + b"\n", "line_too_long"),
        )
    ),
    *(
        Case(f"line of {name}: {what}", world, amid(name, bad), {reason: 1})
        for world, name, good in (
            ("ap", QUESTIONS, line(question(30))),
            ("cc", LABELS, line(label(30))),
            ("sa_2018", OLD_REVIEWS, line({"reviewerID": "U", "asin": "A"})),
        )
        for what, bad, reason in (
            ("half", good[: len(good) // 2] + b"\n", "malformed_json"),
            ("not UTF-8", good.replace(b'"', b'"\xff', 1), "invalid_utf8"),
            ("no key", b'{"other": 1}\n', "no_key"),
            ("a list", b"[1]\n", "not_an_object"),
        )
    ),
    Case("line: a byte order mark at the start", "sa", changing(REVIEWS, lambda good: b"\xef\xbb\xbf" + good)),
    Case("line: CRLF", "sa", changing(REVIEWS, windows)),
    Case("line: CRLF behind a byte order mark", "sa", changing(REVIEWS, lambda good: b"\xef\xbb\xbf" + windows(good))),
    Case("line: no end of line at the end", "sa", changing(REVIEWS, lambda good: good.rstrip(b"\n"))),
    Case("line: a NUL at the end", "sa", after(REVIEWS, b"\0"), {"malformed_json": 1}),
    Case("line: all of them", "sa", amid(REVIEWS, *MALFORMED.values()), {"malformed_json": len(MALFORMED)}),
    Case(
        "line: another product's metadata",
        "sa",
        both(amid(REVIEWS, line(product(3))), amid(REVIEWS, b"\n")),
        {"no_key": 1, "blank_line": 1},
    ),
]
