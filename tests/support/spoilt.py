"""Texts that nearly are what they should be."""

from __future__ import annotations

from hypothesis import strategies as st


@st.composite
def spoilt(draw: st.DrawFn, texts: st.SearchStrategy[str], alphabet: str) -> str:
    """A text with one or two characters left out, put in or changed."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(text)))
        more = draw(st.sampled_from(["", *alphabet]))
        text = text[:place] + more + text[place + draw(st.integers(0, 1)) :]
    return text
