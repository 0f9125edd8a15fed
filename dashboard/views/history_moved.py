"""The old address of the time line, `/history`: whoever kept it comes to the new one."""

from __future__ import annotations

import streamlit as st


def show_page() -> None:
    """Go on, with everything that the address says."""
    st.switch_page("views/timeline.py", query_params=st.query_params.to_dict())


if __name__ == "__main__":
    show_page()
