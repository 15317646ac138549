"""What Streamlit has no widget for: one Python file, its JavaScript and its CSS each."""
