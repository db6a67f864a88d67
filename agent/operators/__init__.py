"""How a program is changed: each operator words a request to a model and reads the answer as an edit."""
