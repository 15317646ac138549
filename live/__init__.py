"""What goes over our own socket: the process's runs, who watches them, and what they are sent. Knows Starlette, never Streamlit."""
