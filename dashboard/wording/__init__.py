"""Plain results in, sentences and labels out. No Streamlit, no markup except where a function says so."""
