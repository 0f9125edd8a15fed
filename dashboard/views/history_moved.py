"""The old address of the time line, `/history`: whoever kept it comes to the new one."""

from __future__ import annotations

import streamlit as st

from dashboard.pages import TIMELINE_PAGE


def show_page() -> None:
    """Go on, with everything that the address says."""
    st.switch_page(TIMELINE_PAGE, query_params=st.query_params.to_dict())


if __name__ == "__main__":
    show_page()
