"""Plain results in, Plotly figures out. No Streamlit."""
