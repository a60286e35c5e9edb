"""A bill's PDF beside headless Chromium's print of the same page, by number of lines.

Run it with `./portal test tests/benchmarks/bench_pdf.py -s`, and with `--full` for 10,000 lines
too. The two take turns, both are warm, both write tagged PDF; only ours is archival as well. It
prints medians of seconds by the wall clock, and asserts nothing about them.
"""

import os
import shutil
import statistics
import time

import pytest
from playwright.sync_api import sync_playwright

from billing import pdf
from billing.models import Bill
from tests import make

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LINES_PER_CONFERENCE = 10
#: What fontconfig tells WeasyPrint, told to a browser.
FONT_FACES = "".join(
    f'@font-face {{ font-family: "Inter"; font-weight: {weight}; src: url("fonts/{face}"); }}'
    for weight, face in zip([400, 600, 700], pdf.FACES, strict=True)
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "rounds"),
    [(10, 9), (100, 7), (1000, 3), pytest.param(10_000, 1, marks=pytest.mark.full)],
)
def test_pdf_beside_chromium(account, tmp_path, lines, rounds):
    bill = bill_of(account, lines)
    page = page_with_its_files(bill, tmp_path)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        ours, theirs = taking_turns(
            [lambda: pdf.render(bill), lambda: printed_by_chromium(tab, page)], rounds
        )
        browser.close()

    report(lines, ours, theirs)


def bill_of(account, lines):
    """A bill read whole, so that no query is timed."""
    conferences = [
        make.conference(account=account, name=f"Équipe {number:04}")
        for number in range(-(-lines // LINES_PER_CONFERENCE))
    ]
    calls = [
        (conferences[number // LINES_PER_CONFERENCE], 3 + number % 9, 20 + number % 211, "0.0425")
        for number in range(lines)
    ]
    frozen = make.frozen_bill(account=account, lines=calls)
    return Bill.objects.prefetch_related("lines").get(pk=frozen.pk)


def page_with_its_files(bill, folder):
    """Write what the bill is printed from, where a browser finds style sheet and fonts."""
    (folder / "css").mkdir()
    shutil.copy(pdf.STYLE_SHEET, folder / "css")
    (folder / "fonts").symlink_to(pdf.FONTS)
    look = f'<link rel="stylesheet" href="css/bill_pdf.css"><style>{FONT_FACES}</style></head>'
    page = folder / "bill.html"
    page.write_text(pdf.html_of(bill).replace("</head>", look))
    return page.as_uri()


def printed_by_chromium(tab, page):
    tab.goto(page)
    return tab.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)


def taking_turns(printers, rounds):
    """Return (median seconds, bytes) of each printer, after one round that is not counted."""
    seconds, sizes = [[] for _ in printers], [0] * len(printers)
    for turn in range(rounds + 1):
        for index, printer in enumerate(printers):
            began = time.perf_counter()
            sizes[index] = len(printer())
            if turn:
                seconds[index].append(time.perf_counter() - began)
    return [(statistics.median(taken), size) for taken, size in zip(seconds, sizes, strict=True)]


def report(lines, ours, theirs):
    (our_seconds, our_size), (their_seconds, their_size) = ours, theirs
    print(
        f"\n{lines:6} lines   ours {our_seconds:8.3f} s {our_size / 1024:8.0f} KiB"
        f"   Chromium {their_seconds:8.3f} s {their_size / 1024:8.0f} KiB"
        f"   Chromium's time ÷ ours {their_seconds / our_seconds:5.2f}"
    )
