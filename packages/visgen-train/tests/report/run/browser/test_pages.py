"""The pages as a person has them: in a browser, by pointer and by keyboard, on a phone, in the dark, on paper."""

import json

import pytest
from visgen_train.report.evidence_page import write_evidence_page
from visgen_train.report.html import write_report

PHONE, DESK = 390, 1315
DRAWN = """[...document.querySelectorAll('.drawn svg, .plot .main-svg')].map(
    (one) => [one.getBoundingClientRect().width, one.getBoundingClientRect().height])"""
COLOURS = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"


def column(browser, number):
    """The texts of a column of the table of species, rows that are shown."""
    return browser.ask(
        f"""[...document.querySelectorAll('#species-table tbody tr')].filter((row) => !row.hidden)
        .map((row) => row.cells[{number}].innerText.trim())"""
    )


def luminance(colour):
    """Relative luminance (WCAG 2.2) of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colours):
    dark, light = sorted(map(luminance, colours))
    return (light + 0.05) / (dark + 0.05)


def sound(browser):
    """Nothing was complained of, nothing was asked for but the file itself, every figure has a size."""
    assert browser.problems == []
    assert [url for url in browser.requests if not url.startswith("data:")] == [browser.ask("location.href")]
    sizes = browser.ask(DRAWN)
    assert sizes
    assert all(width > 200 and height > 80 for width, height in sizes), sizes


@pytest.fixture(scope="module")
def page(hostile_run):
    return write_report(hostile_run)


def test_the_report_of_a_run(browser, page, hostile_names, tmp_path):
    browser.open(page)
    sound(browser)
    assert browser.ask("document.querySelectorAll('#map .point').length") == 5  # test images

    press = "document.querySelectorAll('#species-table th')[1].querySelector('button').click()"
    assert column(browser, 1) == ["2", "5", "9"]  # rarest first, as written
    browser.ask(press)
    browser.ask(press)
    assert column(browser, 1) == ["9", "5", "2"]
    assert browser.ask("document.querySelectorAll('#species-table th')[1].ariaSort") == "descending"
    browser.ask(
        """{const field = document.querySelector('[data-table=species-table] input');
        field.value = 'RUBER'; field.dispatchEvent(new Event('input'));}"""
    )
    assert [name.split()[0] for name in column(browser, 0)] == ["Bus"]
    assert (
        browser.ask("document.querySelector('[data-table=species-table] [role=status]').textContent")
        == "1 of 3"
    )

    browser.ask("document.getElementById('map').scrollIntoView({block: 'center'})")
    x, y = browser.ask(
        """{const box = document.querySelector('#map .point').getBoundingClientRect();
        [box.x + box.width / 2, box.y + box.height / 2]}"""
    )
    browser.mouse(x, y)
    browser.until("!document.getElementById('tip').hidden")
    tags = browser.ask("[...document.getElementById('tip').querySelectorAll('*')].map((one) => one.tagName)")
    assert tags == ["IMG", "I", "DIV", "DIV"]
    assert browser.ask("document.querySelector('#tip i').textContent") in hostile_names
    browser.until("document.querySelector('#tip img').naturalWidth > 0")
    browser.ask("document.querySelector('#map-controls button').click()")
    assert browser.ask("document.querySelector('#map-controls button').ariaPressed") == "true"
    sound(browser)

    browser.pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").stat().st_size > 20_000


def test_the_report_by_keyboard(browser, page):
    browser.open(page)
    browser.key("Tab", 9)
    assert browser.ask("document.activeElement.className") == "skip"
    assert browser.ask("document.activeElement.getBoundingClientRect().left") >= 0
    browser.ask("document.querySelectorAll('#species-table th')[1].querySelector('button').focus()")
    browser.key("Tab", 9)  # to the next head
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.key("Enter", 13, "\r")
    assert browser.ask("document.querySelectorAll('#species-table th')[2].ariaSort") == "ascending"


def test_light_dark_and_paper(browser, page):
    browser.open(page, dark=True)
    dark = browser.ask(COLOURS)
    assert luminance(dark[0]) < 0.05
    assert contrast(dark) > 7
    assert (
        browser.ask("getComputedStyle(document.querySelector('.drawn')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    label = "getComputedStyle(document.querySelector('#curves .xtick text')).fill"
    assert contrast([browser.ask(label), dark[0]]) > 7
    browser.ask("document.getElementById('theme').click()")
    light = browser.ask(COLOURS)
    assert luminance(light[0]) > 0.9
    assert contrast(light) > 7
    assert contrast([browser.ask(label), light[0]]) > 7
    browser.ask("document.getElementById('theme').click()")
    assert browser.ask(COLOURS) == dark
    browser.scheme(dark=True, media="print")
    assert browser.ask(COLOURS) == light
    assert browser.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
    sound(browser)


def test_the_report_on_a_phone(browser, page):
    browser.open(page, width=PHONE, height=844)
    sound(browser)
    assert browser.ask("document.documentElement.scrollWidth") == PHONE  # wide tables scroll by themselves
    assert browser.ask("document.getElementById('theme').getBoundingClientRect().right") <= PHONE


def test_the_report_of_an_ablation(browser, evidence, tmp_path):
    content = evidence(skipped=["</script><script>alert(1)</script>"])
    (tmp_path / "ablation.json").write_text(json.dumps(content), encoding="utf-8")
    page = write_evidence_page(tmp_path)
    for width in (DESK, PHONE):
        browser.open(page, width=width)
        sound(browser)
        assert browser.ask("document.documentElement.scrollWidth") == width
    heads = browser.ask(
        "document.querySelectorAll('table.sortable thead tr:last-child th[aria-sort]').length"
    )
    assert heads > 40
