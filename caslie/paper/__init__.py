"""The paper's printed tables as data, and what can be proved from them (paper, Tables 3 to A13)."""
