"""One file a step of the machine in `graph.py`; plain functions that know nothing of LangGraph."""
